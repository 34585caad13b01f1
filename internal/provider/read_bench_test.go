package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// manySizes are from one URL to the most that one read takes.
var manySizes = []int{1, 1000, 10_000, maxKeys}

// benchmarks are configurations of the two data sources, with n keys.
func benchmarks(sizes ...int) []struct {
	name, typeName string
	config         args
} {
	const one, many = "alioss_presigned_url", "alioss_presigned_urls"
	all := []struct {
		name, typeName string
		config         args
	}{
		{"one", one, args{"bucket": "examplebucket", "key": "agent/agent-1.4.2.tar.gz"}},
		{"one-with-conflicts-to-check", one, args{
			"bucket": "examplebucket", "key": "agent/agent-1.4.2.tar.gz", "domain": "downloads.example.com", "expiry": "2d",
			"rotate_every": "1d",
		}},
	}
	for _, n := range sizes {
		all = append(all, struct {
			name, typeName string
			config         args
		}{fmt.Sprintf("many-%d", n), many, args{"bucket": "examplebucket", "keys": tupleOf(numberedKeys(n)...)}})
	}
	return all
}

// BenchmarkReadDataSource measures what a read costs in the provider, from the bytes of the request
// to those of the answer. The signer's share is in BenchmarkPresign of package signer.
func BenchmarkReadDataSource(b *testing.B) {
	benchmark(b, func(s *session, name string, config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
		_, d, err := s.signRaw("data", name, config)
		return d, err
	})
}

// BenchmarkValidateDataSource measures what a validation costs, of which a plan makes two for every
// read.
func BenchmarkValidateDataSource(b *testing.B) {
	benchmark(b, func(s *session, name string, config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
		return s.validateRaw("data", name, config)
	})
}

func benchmark(b *testing.B, call func(*session, string, *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error)) {
	for _, bm := range benchmarks(manySizes...) {
		b.Run(bm.name, func(b *testing.B) {
			s := newWorld(b).configured(b, nil)
			config := s.dynamic(schemaOf("data", bm.typeName), bm.config)
			b.ReportAllocs()
			for b.Loop() {
				if d, err := call(s, bm.typeName, config); err != nil || len(d) > 0 {
					b.Fatal(err, describe(d))
				}
			}
		})
	}
}

// numberedKeys returns n keys of usual length, no two alike.
func numberedKeys(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("agent/releases/2026/agent-%06d.tar.gz", i)
	}
	return keys
}

// tupleOf returns what [ … ] in a configuration comes as.
func tupleOf(elements ...string) tftypes.Value {
	types := make([]tftypes.Type, len(elements))
	values := make([]tftypes.Value, len(elements))
	for i, element := range elements {
		types[i], values[i] = tftypes.String, tftypes.NewValue(tftypes.String, element)
	}
	return tftypes.NewValue(tftypes.Tuple{ElementTypes: types}, values)
}
