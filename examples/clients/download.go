//go:build ignore

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	if err := download(os.Getenv("URL"), os.Getenv("FILE")); err != nil {
		// An error of net/http would show the URL, which is a secret.
		fmt.Fprintln(os.Stderr, "download failed")
		os.Exit(1)
	}
}

func download(url, name string) error {
	answer, err := http.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("OSS returned %s", answer.Status)
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, answer.Body); err != nil {
		return err
	}
	return file.Close()
}
