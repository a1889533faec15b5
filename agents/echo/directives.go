package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const usage = `  echo: result TEXT      adds TEXT to the result
  echo: fail             ends with exit code 1
  echo: exit CODE        ends with exit code CODE
  echo: sleep 30s        waits
  echo: wait PORT        waits until it is asked something at that port
  echo: write PATH TEXT  appends a line to a file
  echo: read PATH        prints a file
  echo: stat PATH        prints the permissions of a file, in octal
  echo: env NAME         prints an environment variable; of a secret, whether it is set
  echo: api [PATH]       asks the API server with the token of the pod's service account
  echo: get URL          prints what is answered
  echo: serve PORT TEXT  answers every request with TEXT, until it is ended
  echo: oom              takes memory until it is killed, 1 GiB at most`

// directive is one line of a prompt that begins with "echo:".
type directive struct{ verb, rest string }

func parse(prompt string) []directive {
	var found []directive
	for _, line := range strings.Split(prompt, "\n") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "echo:"); ok {
			verb, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
			found = append(found, directive{verb, strings.TrimSpace(rest)})
		}
	}
	return found
}

// follow does what a directive says. It tells whether the run is over, and then its exit code and the reason.
func (a *agent) follow(d directive) (code int, reason string, over bool) {
	switch d.verb {
	case "fail":
		return 1, "failed as told", true
	case "exit":
		code, err := strconv.Atoi(d.rest)
		if err != nil || code < 0 || code > 255 {
			return 2, fmt.Sprintf("echo: exit %s: a number from 0 to 255 is needed", d.rest), true
		}
		return code, fmt.Sprintf("exit %d as told", code), true
	case "sleep":
		duration, err := time.ParseDuration(d.rest)
		if err != nil {
			return 2, fmt.Sprintf("echo: sleep %s: a duration as 30s is needed", d.rest), true
		}
		a.say("sleeping %s", duration)
		time.Sleep(duration)
	case "wait":
		a.say("waiting at port %s", d.rest)
		if err := wait(d.rest); err != nil {
			return 2, "echo: wait " + d.rest + ": " + err.Error(), true
		}
	case "result":
		a.result(d.rest)
	case "write":
		path, text, _ := strings.Cut(d.rest, " ")
		a.outcome("write "+path, appendLine(path, text))
	case "read":
		content, err := os.ReadFile(d.rest)
		a.outcome("read "+d.rest, err)
		if err == nil {
			a.say("%s", strings.TrimRight(string(content), "\n"))
		}
	case "stat":
		a.say("stat %s: %s", d.rest, permissions(d.rest))
	case "env":
		a.say("env %s", variable(d.rest))
	case "api":
		a.say("api: %s", askAPI(d.rest))
	case "get":
		a.say("get %s: %s", d.rest, get(d.rest))
	case "serve":
		port, text, _ := strings.Cut(d.rest, " ")
		a.say("serving at port %s", port)
		return 2, "echo: serve " + port + ": " + serve(port, text).Error(), true
	case "oom":
		takeMemory()
		return 2, "echo: oom: 1 GiB taken and not killed; the container needs a memory limit", true
	default:
		return 2, fmt.Sprintf("echo: %s: no such directive; there are\n%s", d.verb, usage), true
	}
	return 0, "", false
}

func (a *agent) outcome(what string, err error) {
	if err != nil {
		a.say("%s: %v", what, err)
		return
	}
	a.say("%s: ok", what)
}

func appendLine(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(file, text); err != nil {
		return err
	}
	return file.Close()
}

func permissions(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%04o", info.Mode().Perm())
}

func variable(name string) string {
	value, found := os.LookupEnv(name)
	switch {
	case isSecret(name):
		return name + " " + presence(value)
	case !found:
		return name + " missing"
	}
	return name + "=" + value
}

func takeMemory() {
	var taken [][]byte
	for range 1024 {
		block := make([]byte, 1<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1 // memory counts once it is touched
		}
		taken = append(taken, block)
	}
	_ = taken
}
