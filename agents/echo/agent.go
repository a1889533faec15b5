package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// agent is one run: where it prints, where it reports, and its result so far.
type agent struct {
	out            io.Writer
	terminationLog string

	mutex   sync.Mutex
	results []string
}

func (a *agent) say(format string, values ...any) {
	fmt.Fprintf(a.out, format+"\n", values...)
}

// report replaces the termination message; the kubelet keeps its first 4096 bytes.
func (a *agent) report(message string) {
	if err := os.WriteFile(a.terminationLog, []byte(message), 0o644); err != nil {
		a.say("termination message: %v", err)
	}
}

func (a *agent) result(text string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.results = append(a.results, text)
}

// end writes the result, followed by the reason for a bad end, and gives the exit code back.
func (a *agent) end(code int, reason string) int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	lines := a.results
	if reason != "" {
		lines = append(lines, reason)
	}
	if len(lines) == 0 {
		lines = []string{"done"}
	}
	message := strings.Join(lines, "\n")
	a.report(message)
	a.say("%s (exit code %d)", message, code)
	return code
}

// interrupt ends the run as a shell would report SIGTERM.
func (a *agent) interrupt() int {
	return a.end(143, "interrupted")
}
