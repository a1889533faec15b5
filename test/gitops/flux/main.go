// Flux's own judgement, one question a process: a JSON on standard input, the answers on standard output.
//
//	{"healthCheckExprs": […], "objects": […]}                     what it makes of the health of each object: by kstatus,
//	                                                             as "wait: true" does, and by the expressions
//	{"kubeconfig": PATH, "apply": […], "namespace": NS}           applies the objects as kustomize-controller does, and
//	                                                             says what it did: created, configured or unchanged
//	{"manifests": […]}                                            what kind each is, by Flux's own types: an error where
//	                                                             it has a field that the kind has not
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	"github.com/fluxcd/pkg/ssa"
	sourcev1 "github.com/fluxcd/source-controller/api/v1"
	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

type object = *unstructured.Unstructured

type question struct {
	HealthCheckExprs []kustomize.CustomHealthCheck `json:"healthCheckExprs"`
	Objects          []object                      `json:"objects"`
	Kubeconfig       string                        `json:"kubeconfig"`
	Namespace        string                        `json:"namespace"`
	Apply            []object                      `json:"apply"`
	Manifests        []json.RawMessage             `json:"manifests"`
}

type verdict struct {
	Wait  string `json:"wait"`
	Exprs string `json:"exprs"`
	Error string `json:"error,omitempty"`
}

func healthOf(q question) ([]verdict, error) {
	readerFor, err := cel.NewStatusReader(q.HealthCheckExprs)
	if err != nil {
		return nil, err
	}
	reader := readerFor(nil)
	verdicts := []verdict{}
	for _, o := range q.Objects {
		plain, err := status.Compute(o)
		if err != nil {
			return nil, err
		}
		told, err := reader.ReadStatusForObject(context.Background(), nil, o)
		if err != nil {
			return nil, err
		}
		v := verdict{Wait: plain.Status.String(), Exprs: told.Status.String()}
		if told.Error != nil {
			v.Error = told.Error.Error()
		}
		verdicts = append(verdicts, v)
	}
	return verdicts, nil
}

func apply(q question) ([]string, error) {
	config, err := clientcmd.BuildConfigFromFlags("", q.Kubeconfig)
	if err != nil {
		return nil, err
	}
	c, err := client.New(config, client.Options{})
	if err != nil {
		return nil, err
	}
	manager := ssa.NewResourceManager(c, nil, ssa.Owner{Field: "kustomize-controller", Group: "kustomize.toolkit.fluxcd.io"})
	manager.SetOwnerLabels(q.Apply, "agents", "flux-system")
	for _, o := range q.Apply {
		o.SetNamespace(q.Namespace)
	}
	changes, err := manager.ApplyAll(context.Background(), q.Apply, ssa.DefaultApplyOptions())
	if err != nil {
		return nil, err
	}
	done := []string{}
	for _, entry := range changes.Entries {
		done = append(done, fmt.Sprintf("%s %s", entry.Subject, entry.Action))
	}
	return done, nil
}

func strictly(manifests []json.RawMessage) ([]string, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(kustomizev1.AddToScheme(scheme), sourcev1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	kinds := []string{}
	for _, text := range manifests {
		_, kind, err := decoder.Decode(text, nil, nil)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, kind.String())
	}
	return kinds, nil
}

func answer() (any, error) {
	var q question
	if err := json.NewDecoder(os.Stdin).Decode(&q); err != nil {
		return nil, err
	}
	if q.Kubeconfig != "" {
		return apply(q)
	}
	if q.Manifests != nil {
		return strictly(q.Manifests)
	}
	return healthOf(q)
}

func main() {
	log.SetLogger(logr.Discard())
	found, err := answer()
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(found)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
