package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

const nodeName = "node-0"

// node holds what is known of each pod, by its UID.
type node struct {
	client kubernetes.Interface
	rules  *rules
	prefix netip.Prefix

	lock sync.Mutex
	last netip.Addr
	pods map[string]*pod
}

// pod is one that was seen; its life is one goroutine.
type pod struct {
	namespace, name string
	address         string
	requests        atomic.Int64
	numbers         numbers
	ending          chan *corev1.Pod
	ended           chan struct{}
	once, told      sync.Once
}

// saw is told of every change of a pod.
func (n *node) saw(ctx context.Context, seen *corev1.Pod) {
	n.lock.Lock()
	known := n.pods[string(seen.UID)]
	if known == nil {
		known = &pod{
			namespace: seen.Namespace, name: seen.Name, address: n.address(),
			ending: make(chan *corev1.Pod, 1), ended: make(chan struct{}),
		}
		n.pods[string(seen.UID)] = known
		go n.live(ctx, known, seen)
	}
	n.lock.Unlock()
	if seen.DeletionTimestamp != nil {
		known.told.Do(func() { known.ending <- seen })
	}
}

func (n *node) gone(seen *corev1.Pod) {
	n.lock.Lock()
	defer n.lock.Unlock()
	if known := n.pods[string(seen.UID)]; known != nil {
		known.once.Do(func() { close(known.ended) })
		delete(n.pods, string(seen.UID))
	}
}

// address is the next one; none comes back before all were used.
func (n *node) address() string {
	if !n.last.IsValid() || !n.prefix.Contains(n.last.Next().Next()) {
		n.last = n.prefix.Addr().Next()
	}
	n.last = n.last.Next()
	return n.last.String()
}

// live is the life of a pod: bound, Running, Ready as its rule says, deleted after its preStop.
func (n *node) live(ctx context.Context, known *pod, seen *corev1.Pod) {
	if seen.Spec.NodeName == "" {
		binding := &corev1.Binding{
			ObjectMeta: metav1.ObjectMeta{Name: seen.Name, UID: seen.UID},
			Target:     corev1.ObjectReference{Kind: "Node", Name: nodeName},
		}
		err := n.client.CoreV1().Pods(seen.Namespace).Bind(ctx, binding, metav1.CreateOptions{})
		if err != nil && !errors.IsNotFound(err) && !errors.IsConflict(err) {
			log.Printf("%s/%s is not bound: %v", seen.Namespace, seen.Name, err)
		}
	}
	serving, cancel := context.WithCancel(ctx)
	defer cancel()
	began, ready, first := time.Now(), false, true
	var closed func()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		rule := n.rules.of(seen.Namespace, seen.Labels)
		if rule.Serve && closed == nil {
			closed = n.serve(serving, known, seen, rule.Ports)
		}
		if is := !rule.Unready && time.Since(began) >= seconds(rule.ReadyAfter); first || is != ready {
			first, ready = false, is
			n.tell(ctx, known, seen, began, ready)
		}
		select {
		case <-ctx.Done():
			return
		case <-known.ended:
			return
		case deleted := <-known.ending:
			n.end(ctx, known, deleted, rule, closed)
			return
		case <-tick.C:
		}
	}
}

// end waits as a kubelet does between the deletion of a pod and its end, within its grace period.
func (n *node) end(ctx context.Context, known *pod, deleted *corev1.Pod, rule rule, closed func()) {
	grace := 30 * time.Second
	if given := deleted.DeletionGracePeriodSeconds; given != nil {
		grace = time.Duration(*given) * time.Second
	}
	wait := min(stopping(deleted), grace)
	pause(ctx, known, wait)
	pause(ctx, known, min(seconds(rule.Drain), grace-wait))
	if closed != nil {
		closed()
	}
	now := int64(0)
	uid := deleted.UID
	err := n.client.CoreV1().Pods(deleted.Namespace).Delete(ctx, deleted.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &uid},
	})
	if err != nil && !errors.IsNotFound(err) && !errors.IsConflict(err) {
		log.Printf("%s/%s is not deleted: %v", deleted.Namespace, deleted.Name, err)
	}
}

func pause(ctx context.Context, known *pod, wait time.Duration) {
	if wait <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-known.ended:
	case <-time.After(wait):
	}
}

var sleep = regexp.MustCompile(`\bsleep["', ]+(\d+)`)

// stopping is the longest preStop: a sleep, or a command that says sleep.
func stopping(of *corev1.Pod) time.Duration {
	longest := time.Duration(0)
	for _, each := range of.Spec.Containers {
		if each.Lifecycle == nil || each.Lifecycle.PreStop == nil {
			continue
		}
		hook := each.Lifecycle.PreStop
		if hook.Sleep != nil {
			longest = max(longest, time.Duration(hook.Sleep.Seconds)*time.Second)
		}
		if hook.Exec == nil {
			continue
		}
		if found := sleep.FindStringSubmatch(strings.Join(hook.Exec.Command, " ")); found != nil {
			count, _ := strconv.Atoi(found[1])
			longest = max(longest, time.Duration(count)*time.Second)
		}
	}
	return longest
}

// tell writes the status of a pod.
func (n *node) tell(ctx context.Context, known *pod, seen *corev1.Pod, began time.Time, ready bool) {
	start := metav1.NewTime(began)
	truth := map[bool]corev1.ConditionStatus{true: corev1.ConditionTrue, false: corev1.ConditionFalse}
	condition := func(kind corev1.PodConditionType, is bool) corev1.PodCondition {
		return corev1.PodCondition{Type: kind, Status: truth[is], LastTransitionTime: metav1.Now()}
	}
	status := corev1.PodStatus{
		Phase:     corev1.PodRunning,
		HostIP:    n.prefix.Addr().Next().String(),
		PodIP:     known.address,
		PodIPs:    []corev1.PodIP{{IP: known.address}},
		StartTime: &start,
		Conditions: []corev1.PodCondition{
			condition(corev1.PodScheduled, true), condition(corev1.PodInitialized, true),
			condition(corev1.ContainersReady, ready), condition(corev1.PodReady, ready),
		},
	}
	for _, each := range seen.Spec.InitContainers {
		found := running(&each, start, ready)
		if each.RestartPolicy == nil {
			found.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed", StartedAt: start, FinishedAt: start}}
		}
		status.InitContainerStatuses = append(status.InitContainerStatuses, found)
	}
	for _, each := range seen.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, running(&each, start, ready))
	}
	patch := must(json.Marshal(map[string]any{"metadata": map[string]any{"uid": seen.UID}, "status": status}))
	_, err := n.client.CoreV1().Pods(seen.Namespace).Patch(ctx, seen.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	if err != nil && !errors.IsNotFound(err) && !errors.IsConflict(err) && ctx.Err() == nil {
		log.Printf("the status of %s/%s is not taken: %v", seen.Namespace, seen.Name, err)
	}
}

func running(of *corev1.Container, start metav1.Time, ready bool) corev1.ContainerStatus {
	started := true
	return corev1.ContainerStatus{
		Name: of.Name, Image: of.Image, ImageID: of.Image, ContainerID: "stand-in://" + of.Name, Ready: ready, Started: &started,
		State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: start}},
	}
}

// serve opens the ports of a pod; what it gives closes them, after the requests that are under way.
func (n *node) serve(ctx context.Context, known *pod, seen *corev1.Pod, ports []int32) func() {
	containers := map[int32]string{}
	for _, port := range ports {
		containers[port] = seen.Spec.Containers[0].Name
	}
	for _, container := range seen.Spec.Containers {
		for _, port := range container.Ports {
			if port.Protocol == "" || port.Protocol == corev1.ProtocolTCP {
				containers[port.ContainerPort] = container.Name
			}
		}
	}
	var servers []*http.Server
	for port, container := range containers {
		server := &http.Server{
			Addr:              known.address + ":" + strconv.Itoa(int(port)),
			Handler:           n.answer(known, seen, container, port),
			ReadHeaderTimeout: time.Minute,
			Protocols:         new(http.Protocols),
		}
		server.Protocols.SetHTTP1(true)
		server.Protocols.SetUnencryptedHTTP2(true)
		servers = append(servers, server)
		go func() {
			if err := server.ListenAndServe(); err != http.ErrServerClosed {
				log.Printf("%s/%s: %v", seen.Namespace, seen.Name, err)
			}
		}()
	}
	return func() {
		limit, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		for _, each := range servers {
			_ = each.Shutdown(limit)
		}
	}
}

// answer says who answered, and what was asked.
func (n *node) answer(known *pod, seen *corev1.Pod, container string, port int32) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		known.requests.Add(1)
		known.numbers.add(request.Header.Get("X-Number"))
		rule := n.rules.of(seen.Namespace, seen.Labels)
		select {
		case <-request.Context().Done():
			return
		case <-time.After(seconds(rule.Delay)):
		}
		status := rule.Status
		if status == 0 {
			status = http.StatusOK
		}
		answer.Header().Set("Content-Type", "application/json")
		answer.WriteHeader(status)
		_ = json.NewEncoder(answer).Encode(map[string]any{
			"namespace": seen.Namespace, "pod": seen.Name, "labels": seen.Labels, "container": container,
			"port": port, "method": request.Method, "host": request.Host, "path": request.URL.RequestURI(),
			"headers": request.Header,
		})
	})
}
