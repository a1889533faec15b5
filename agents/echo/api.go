package main

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

// askAPI GETs a path (/version if none is given) with the service account's token and tells the HTTP status.
func askAPI(path string) string {
	token, err := os.ReadFile(filepath.Join(serviceAccount, "token"))
	if err != nil {
		return "no token mounted"
	}
	if path == "" {
		path = "/version"
	}
	roots := x509.NewCertPool()
	if ca, err := os.ReadFile(filepath.Join(serviceAccount, "ca.crt")); err == nil {
		roots.AppendCertsFromPEM(ca)
	}
	client := &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
	}
	request, err := http.NewRequest(http.MethodGet, "https://"+apiServer()+path, nil)
	if err != nil {
		return "token mounted, " + err.Error()
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	response, err := client.Do(request)
	if err != nil {
		return "token mounted, " + err.Error()
	}
	defer response.Body.Close()
	return "token mounted, GET " + path + ": " + response.Status
}

// apiServer is where every pod is told that the API server is; its name needs a DNS in the cluster.
func apiServer() string {
	if host := os.Getenv("KUBERNETES_SERVICE_HOST"); host != "" {
		return net.JoinHostPort(host, os.Getenv("KUBERNETES_SERVICE_PORT"))
	}
	return "kubernetes.default"
}
