package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// get GETs a URL and tells the HTTP status and what was answered.
func get(url string) string {
	response, err := (&http.Client{Timeout: 10 * time.Second}).Get(url)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return err.Error()
	}
	return response.Status + "\n" + strings.TrimRight(string(body), "\n")
}

// serve answers every request with a text; it comes back only if it cannot listen.
func serve(port, text string) error {
	return http.ListenAndServe(":"+port, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, text)
	}))
}

// wait comes back when somebody has asked, and has been answered.
func wait(port string) error {
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return err
	}
	asked := make(chan struct{}, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "going on")
		select {
		case asked <- struct{}{}:
		default:
		}
	})}
	go server.Serve(listener)
	<-asked
	return server.Shutdown(context.Background())
}
