// Command echo is an agent that needs no model: it says what it was told and does what its prompt's directives say.
package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	a := &agent{out: os.Stdout, terminationLog: "/dev/termination-log"}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, syscall.SIGTERM, syscall.SIGINT)
	finished := make(chan int, 1)
	go func() { finished <- a.run(os.Args[1:]) }()
	select {
	case code := <-finished:
		os.Exit(code)
	case <-interrupted:
		os.Exit(a.interrupt())
	}
}

// run reads what the agent is told, repeats it, follows the directives and gives the exit code.
func (a *agent) run(arguments []string) int {
	a.say("agent echo, uid %d", os.Getuid())
	path, err := configFile(arguments)
	if err != nil {
		return a.end(2, err.Error())
	}
	c, err := readConfig(path)
	if err != nil {
		return a.end(2, err.Error())
	}
	// The kubelet keeps this one if a deadline kills us before there is a result.
	a.report("started " + time.Now().UTC().Format(time.RFC3339) + ", did not finish")
	for _, line := range append(c.facts(), secrets(os.Environ())...) {
		a.say("%-13s %s", line.name, line.value)
	}
	directives := parse(c.Prompt)
	if len(directives) == 0 {
		a.say("no directives in the prompt; there are\n%s", usage)
	}
	for _, d := range directives {
		if code, reason, over := a.follow(d); over {
			return a.end(code, reason)
		}
	}
	return a.end(0, "")
}
