// Command kubelet stands in for the kubelets of a cluster: pods get an address and become Running and Ready, nothing runs.
//
// Each pod has an address of its own that answers HTTP where a rule of the behaviour file says so. When a pod is deleted,
// its preStop is waited for, then its ports close, then it is gone.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"serinus.dev/cluster/servers/leash"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	leash.Hold()
	kubeconfig := flag.String("kubeconfig", "", "how to reach the API server")
	behaviour := flag.String("behaviour", "", "the file with the rules; read again whenever it changes")
	from := flag.String("addresses", "10.244.0.0/16", "where the addresses of pods are taken from")
	control := flag.String("control", "", "the address at which the counts of requests are told")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	config := must(clientcmd.BuildConfigFromFlags("", *kubeconfig))
	config.QPS = -1
	client := must(kubernetes.NewForConfig(config))
	for { // the API server may be reachable a little later than we are
		err := register(ctx, client)
		if err == nil {
			break
		}
		log.Print(err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(200 * time.Millisecond):
		}
	}

	node := &node{client: client, rules: &rules{file: *behaviour}, prefix: netip.MustParsePrefix(*from), pods: map[string]*pod{}}
	factory := informers.NewSharedInformerFactory(client, 0)
	informer := factory.Core().V1().Pods().Informer()
	_ = must(informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { node.saw(ctx, object.(*corev1.Pod)) },
		UpdateFunc: func(_, object any) { node.saw(ctx, object.(*corev1.Pod)) },
		DeleteFunc: func(object any) {
			if lost, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = lost.Obj
			}
			node.gone(object.(*corev1.Pod))
		},
	}))
	factory.Start(ctx.Done())
	if *control != "" {
		go func() { log.Fatal(http.ListenAndServe(*control, node.counts())) }()
	}
	<-ctx.Done()
	os.Exit(0)
}

// register makes the one node; controllers look it up for its zone.
func register(ctx context.Context, client kubernetes.Interface) error {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: nodeName, Labels: map[string]string{"kubernetes.io/hostname": nodeName}}}
	made, err := client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{})
	if errors.IsAlreadyExists(err) {
		return nil
	}
	if err != nil {
		return err
	}
	made.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "StandIn"}}
	_, err = client.CoreV1().Nodes().UpdateStatus(ctx, made, metav1.UpdateOptions{})
	return err
}

// counts tells how many requests each pod got, as JSON: namespace/name to number; DELETE begins anew. Below /numbers it
// tells how often each pod got each request that has a header X-Number.
func (n *node) counts() http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		n.lock.Lock()
		defer n.lock.Unlock()
		found, numbers := map[string]int64{}, map[string]map[string]int{}
		for _, each := range n.pods {
			key := each.namespace + "/" + each.name
			found[key], numbers[key] = each.requests.Load(), each.numbers.told()
			if request.Method == http.MethodDelete {
				each.requests.Store(0)
				each.numbers.forget()
			}
		}
		if request.URL.Path == "/numbers" {
			_ = json.NewEncoder(answer).Encode(numbers)
			return
		}
		_ = json.NewEncoder(answer).Encode(found)
	})
}
