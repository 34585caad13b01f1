package provider

import (
	"fmt"
	"net/http"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

// accepted checks that a value is a URL that OSS accepts from the wire, at the world's time, for a
// method, a key and the headers of its holder.
func (w *world) accepted(method, key string, headers map[string]string) knownvalue.Check {
	return knownvalue.StringFunc(func(url string) error {
		h := http.Header{}
		for name, value := range headers {
			h.Set(name, value)
		}
		v, err := w.oss.Verify(method, url, h)
		if err != nil {
			return err
		}
		if v.Key != key {
			return fmt.Errorf("the URL opens %q, want %q", v.Key, key)
		}
		return nil
	})
}
