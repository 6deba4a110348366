package main

import (
	"errors"
	"regexp"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
)

// levels is what the admission of pods, which every server has, refuses in the labels of a namespace; the real server of
// tests/cluster has the plugin itself.
func levels(labels map[string]string) error {
	for _, mode := range []string{"enforce", "audit", "warn"} {
		level, said := labels["pod-security.kubernetes.io/"+mode]
		if said && level != "privileged" && level != "baseline" && level != "restricted" {
			return errors.New("metadata.labels: no level of pod security")
		}
		version, said := labels["pod-security.kubernetes.io/"+mode+"-version"]
		if said && !release.MatchString(version) {
			return errors.New("metadata.labels: no release")
		}
	}
	return nil
}

var release = regexp.MustCompile(`^(latest|v1\.(0|[1-9][0-9]*))$`)

// given is what the server gave an object when it created it: an address of a Service, the selector of a Job.
func given(obj runtime.Object) {
	switch obj := obj.(type) {
	case *core.Service:
		spec := &obj.Spec
		if spec.Type == core.ServiceTypeExternalName {
			return
		}
		if spec.ClusterIP == "" {
			spec.ClusterIP, spec.ClusterIPs = "10.0.77.77", []string{"10.0.77.77"}
		}
		if len(spec.IPFamilies) == 0 {
			spec.IPFamilies = []core.IPFamily{core.IPv4Protocol}
		}
		if spec.IPFamilyPolicy == nil {
			single := core.IPFamilyPolicySingleStack
			spec.IPFamilyPolicy = &single
		}
	case *core.ConfigMap:
		if len(obj.BinaryData) == 0 {
			obj.BinaryData = nil // as it comes back from where it is stored
		}
	case *core.Secret:
		if len(obj.Data) == 0 {
			obj.Data = nil
		}
	case *core.Pod:
		status := obj.Status
		pod.Strategy.PrepareForCreate(request.NewContext(), obj)
		obj.Status = status
	case *core.PersistentVolumeClaim:
		status := obj.Status
		persistentvolumeclaim.Strategy.PrepareForCreate(request.NewContext(), obj)
		obj.Status = status
	case *batch.Job:
		status := obj.Status
		job.Strategy.PrepareForCreate(request.NewContext(), obj)
		obj.Status = status
	}
}

// leftAsGiven is what an update leaves as the server gave it where it doesn't say anything else: what the registry of Services
// does (patchAllocatedValues in pkg/registry/core/service/storage), and of a Job what kubectl does.
func leftAsGiven(obj, old runtime.Object) {
	switch obj := obj.(type) {
	case *core.Service:
		spec, was := &obj.Spec, &old.(*core.Service).Spec
		if spec.Type == core.ServiceTypeExternalName || was.Type == core.ServiceTypeExternalName {
			return
		}
		if spec.ClusterIP == "" {
			spec.ClusterIP = was.ClusterIP
		}
		if len(spec.ClusterIPs) == 0 {
			spec.ClusterIPs = was.ClusterIPs
		}
		if len(spec.IPFamilies) == 0 {
			spec.IPFamilies = was.IPFamilies
		}
		if spec.IPFamilyPolicy == nil {
			spec.IPFamilyPolicy = was.IPFamilyPolicy
		}
	case *batch.Job:
		was := old.(*batch.Job)
		manual := was.Spec.ManualSelector != nil && *was.Spec.ManualSelector
		if manual || obj.Spec.Selector != nil {
			return
		}
		obj.Spec.Selector = was.Spec.Selector
		if obj.Spec.Template.Labels == nil {
			obj.Spec.Template.Labels = map[string]string{}
		}
		for _, name := range []string{
			batch.LegacyJobNameLabel, batch.JobNameLabel, batch.LegacyControllerUidLabel, batch.ControllerUidLabel,
		} {
			if _, said := obj.Spec.Template.Labels[name]; !said {
				obj.Spec.Template.Labels[name] = was.Spec.Template.Labels[name]
			}
		}
	}
}
