// Argo CD's own judgement, one question a process: a JSON on standard input, the answers on standard output.
//
//	{"healthLua": "…", "objects": […]}                    what it makes of the health of each object
//	{"diffs": [{"config": …, "live": …, "predicted": …}]}  whether each is OutOfSync; predicted is what the API server
//	                                                      answers to a dry run, for its server-side diff
//	{"applications": […]}                                 whether each is an Application, with no field that it has not
//
// The version is the newest whose module can be had: from 3.3 on Argo CD replaces gitops-engine by a folder that is not
// in it. util/lua of 3.5 is this very code.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/gitops-engine/pkg/diff"
	"github.com/argoproj/gitops-engine/pkg/health"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The key in argocd-cm is resource.customizations.health.agentjob.io_AgentJob; this is what becomes of it.
const kind = "agentjob.io/AgentJob"

type object = *unstructured.Unstructured

type comparison struct {
	Config    object `json:"config"`
	Live      object `json:"live"`
	Predicted object `json:"predicted,omitempty"`
}

type verdict struct {
	Status  string `json:"status,omitempty"`
	Message string `json:"message,omitempty"`
	Error   string `json:"error,omitempty"`
}

// A server-side dry run whose answer is known.
type answered struct{ object object }

func (a answered) Run(context.Context, object, string) (string, error) {
	text, err := a.object.MarshalJSON()
	return string(text), err
}

func healthOf(script string, o object) verdict {
	overrides := lua.ResourceHealthOverrides(map[string]v1alpha1.ResourceOverride{kind: {HealthLua: script}})
	found, err := health.GetResourceHealth(o, overrides)
	if err != nil {
		return verdict{Error: err.Error()}
	}
	if found == nil {
		return verdict{}
	}
	return verdict{Status: string(found.Status), Message: found.Message}
}

func syncOf(c comparison) verdict {
	var options []diff.Option
	if c.Predicted != nil {
		// with what the webhook does to it, which Argo CD leaves out unless told otherwise
		options = append(options, diff.WithServerSideDiff(true), diff.WithIgnoreMutationWebhook(false),
			diff.WithServerSideDryRunner(answered{c.Predicted}), diff.WithManager("argocd-controller"))
	}
	result, err := diff.Diff(c.Config, c.Live, options...)
	if err != nil {
		return verdict{Error: err.Error()}
	}
	if result.Modified {
		return verdict{Status: "OutOfSync", Message: fmt.Sprintf("%s\n%s", result.NormalizedLive, result.PredictedLive)}
	}
	return verdict{Status: "Synced"}
}

func strictly(text json.RawMessage) verdict {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var application v1alpha1.Application
	if err := decoder.Decode(&application); err != nil {
		return verdict{Error: err.Error()}
	}
	return verdict{Status: application.GroupVersionKind().String()}
}

func main() {
	var question struct {
		Applications []json.RawMessage `json:"applications"`
		HealthLua    string            `json:"healthLua"`
		Objects      []object          `json:"objects"`
		Diffs        []comparison      `json:"diffs"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&question); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	verdicts := []verdict{}
	for _, o := range question.Objects {
		verdicts = append(verdicts, healthOf(question.HealthLua, o))
	}
	for _, text := range question.Applications {
		verdicts = append(verdicts, strictly(text))
	}
	for _, c := range question.Diffs {
		verdicts = append(verdicts, syncOf(c))
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
