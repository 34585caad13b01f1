package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

// downloadInTrouble downloads with every client by a link that has expired, and over a connection
// that is cut off. A client that ends well without the object harms whoever relies on it.
func downloadInTrouble(t *testing.T, oss *osstest.Server, base, examples string, ca trusted) {
	t.Helper()
	const key = "trouble/object.bin"
	want := bytes.Repeat([]byte("x"), 400_000) // as what a connection brings before it is cut
	if _, err := oss.PutObject("examplebucket", osstest.Object{Key: key, Body: want}); err != nil {
		t.Fatal(err)
	}
	link := func(at time.Time) string {
		url, _, err := signer.Presign(signer.Request{
			Method:  http.MethodGet,
			Scheme:  "https",
			Host:    names[0],
			Region:  "cn-hangzhou",
			Bucket:  "examplebucket",
			Key:     key,
			Expires: 3600,
		}, signer.NewCredentials(testKey, testSecret, ""), at)
		must(t, err)
		return url
	}
	for _, trouble := range []struct {
		name string
		url  string
		cut  *osstest.Fault
	}{
		{name: "none", url: link(time.Now())},
		{name: "the link has expired", url: link(time.Now().Add(-2 * time.Hour))},
		{name: "the connection is cut off", url: link(time.Now()), cut: &osstest.Fault{Short: 1000, Count: 1}},
	} {
		for n, c := range clients {
			if c.missing() != "" {
				continue
			}
			oss.Reset()
			if trouble.cut != nil {
				oss.Inject(*trouble.cut)
			}
			work := filepath.Join(base, fmt.Sprintf("client-%d", n))
			file := filepath.Join(work, "file in trouble")
			must(t, os.RemoveAll(file))
			got, err := c.download(t, clientRun{
				work: work, examples: examples, ca: ca.pem, trust: ca.trust, url: trouble.url, file: file,
			})
			whole := bytes.Equal(got, want)
			switch {
			case trouble.name == "none":
				if err != nil || !whole {
					t.Errorf("%s: %d bytes, %v", c.name, len(got), err)
				}
			case err == nil && !whole: // a client that tries again gets the whole object
				t.Errorf("%s: %s, and the client ends well with %d bytes", c.name, trouble.name, len(got))
			case bytes.Contains(got, []byte("<Error>")):
				t.Errorf("%s: %s, and OSS's error is saved as the object", c.name, trouble.name)
			}
		}
	}
	oss.Reset()
}
