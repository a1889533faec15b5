// Checks a serving certificate as the API server's client does: verify CA-BUNDLE CERTIFICATE NAME...
// Prints one line a name: "ok", or why not.
package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
)

func main() {
	bundle, err := os.ReadFile(os.Args[1])
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(bundle) {
		fmt.Fprintln(os.Stderr, "no CA in", os.Args[1], err)
		os.Exit(1)
	}
	file, err := os.ReadFile(os.Args[2])
	block, _ := pem.Decode(file)
	if err != nil || block == nil {
		fmt.Fprintln(os.Stderr, "no certificate in", os.Args[2], err)
		os.Exit(1)
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, name := range os.Args[3:] {
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name}); err != nil {
			fmt.Println(err)
		} else {
			fmt.Println("ok")
		}
	}
}
