// Command provisioner answers PersistentVolumeClaims with folders of this host.
//
// What it makes behaves like a disk: it belongs to root, so that a pod needs an fsGroup to write to it; it can grow; it
// is removed with its claim. The size is not enforced.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig of the cluster")
	folder := flag.String("folder", "", "folder that holds one folder for each volume")
	node := flag.String("node", "", "name of the node on this host")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		log.Fatal(err)
	}
	serve(ctx, &provisioner{client: client, folder: *folder, node: *node})
}

type key struct{ kind, namespace, name string }

func serve(ctx context.Context, p *provisioner) {
	factory := informers.NewSharedInformerFactory(p.client, time.Minute)
	p.claims = factory.Core().V1().PersistentVolumeClaims().Lister()
	p.volumes = factory.Core().V1().PersistentVolumes().Lister()
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[key]())
	watch(factory.Core().V1().PersistentVolumeClaims().Informer(), "claim", queue)
	watch(factory.Core().V1().PersistentVolumes().Informer(), "volume", queue)
	for ctx.Err() == nil && p.ensureStorageClass(ctx) != nil {
		time.Sleep(100 * time.Millisecond) // the API server may still be starting
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	go func() { <-ctx.Done(); queue.ShutDown() }()
	for {
		item, done := queue.Get()
		if done {
			os.Exit(0)
		}
		if err := p.reconcile(ctx, item); err != nil {
			log.Printf("%s %s/%s: %v", item.kind, item.namespace, item.name, err)
			queue.AddRateLimited(item)
		} else {
			queue.Forget(item)
		}
		queue.Done(item)
	}
}

func watch(informer cache.SharedIndexInformer, kind string, queue workqueue.TypedInterface[key]) {
	enqueue := func(object any) {
		if o, err := meta.Accessor(object); err == nil {
			queue.Add(key{kind, o.GetNamespace(), o.GetName()})
		}
	}
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    enqueue,
		UpdateFunc: func(_, object any) { enqueue(object) },
	})
}
