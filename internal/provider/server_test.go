package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Two spellings of one response header are refused when they are read, too, so that no URL depends
// on the order of a map.
func TestReadOfOneResponseHeaderTwice(t *testing.T) {
	t.Parallel()
	s := newWorld(t).configured(t, nil)
	_, d := s.read(managedURL, anObject(args{"response_headers": map[string]string{"expires": "0", "Expires": "1"}}))
	expectRefusal(t, d, badInput{
		at: `response_headers["expires"]`, title: "Invalid Response Header",
		words: `"Expires" and "expires" are the same|Leave one of them out`,
	})
}

// A value that is no configuration, which no CLI sends, is refused and not read.
func TestReadOfNothing(t *testing.T) {
	t.Parallel()
	s := newWorld(t).configured(t, nil)
	for _, config := range []*tfprotov6.DynamicValue{
		nil, {}, {MsgPack: []byte{0xc0}}, {MsgPack: []byte{0xd4, 0, 0}}, {MsgPack: []byte{1}},
	} {
		if _, d, err := s.signRaw("data", managedURL, config); err == nil && !hasError(d) {
			t.Errorf("%v is read without an error", config)
		}
	}
}
