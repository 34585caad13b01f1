package presign

import (
	"errors"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

// full is a Spec with everything in it.
func full() Spec {
	return Spec{
		Bucket: "examplebucket", Domain: "downloads.example.com", Region: "cn-hangzhou", Method: "GET",
		Headers:         map[string]string{"Content-Type": "a", "X-Own": "b", "x-oss-meta-c": "d", "Range": "bytes=0-1"},
		ResponseHeaders: map[string]string{"Cache-Control": "no-store"}, Query: map[string]string{"q": "1", "empty": ""},
		Filename: "a.txt", Process: "image/info", TrafficLimit: 819_200, RequestPayer: true, BindHost: true,
	}
}

func TestRequest(t *testing.T) {
	s := full()
	at, err := s.Target()
	if err != nil {
		t.Fatal(err)
	}
	r := s.Request(at)
	want := signer.Request{
		Method: "GET", Scheme: "https", Host: "downloads.example.com", Region: "cn-hangzhou", Bucket: "examplebucket",
		SignHost: true,
		Query: map[string]string{
			"q": "1", "empty": "", "response-cache-control": "no-store",
			"response-content-disposition": ContentDisposition("a.txt"),
			"x-oss-process":                "image/info", "x-oss-traffic-limit": "819200", "x-oss-request-payer": "requester",
		},
		Headers: s.Headers,
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
	least := Spec{Bucket: "examplebucket", Region: "cn-hangzhou"}
	if at, err = least.Target(); err != nil {
		t.Fatal(err)
	}
	if r := least.Request(at); r.Method != "GET" || r.Host != "examplebucket.oss-cn-hangzhou.aliyuncs.com" ||
		len(r.Query) != 0 || r.SignHost {
		t.Errorf("%+v", r)
	}
	if at, err = (Spec{
		Bucket: "examplebucket", Region: "cn-hangzhou", Endpoint: "http://oss.example.com", PathStyle: true,
	}).Target(); err != nil || !at.PathStyle || at.Host != "oss.example.com" {
		t.Errorf("%+v, %v", at, err)
	}
	var fault *endpoint.Error
	if _, err = (Spec{Bucket: "examplebucket", Region: "cn-hangzhou", EndpointType: "outer"}).Target(); !errors.As(err,
		&fault) || fault.Field != endpoint.FieldType {
		t.Errorf("%v", err)
	}
}

func TestMethods(t *testing.T) {
	for method, uploads := range map[string]bool{"": false, "GET": false, "HEAD": false, "PUT": true, "DELETE": true} {
		s := Spec{Method: method}
		if s.Uploads() != uploads || s.EffectiveMethod() == "" || method != "" && s.EffectiveMethod() != method {
			t.Errorf("%q: uploads %t, %s", method, s.Uploads(), s.EffectiveMethod())
		}
	}
}

// A request for an object is another one: what was there stays as it was.
func TestWithObject(t *testing.T) {
	r := signer.Request{Query: map[string]string{"a": "b"}}
	one := WithObject(r, Object{"k", "v"})
	if one.Key != "k" || !maps.Equal(one.Query, map[string]string{"a": "b", "versionId": "v"}) || len(r.Query) != 1 ||
		r.Key != "" {
		t.Errorf("%+v, from %+v", one, r)
	}
	if one = WithObject(signer.Request{}, Object{"k", "v"}); one.Query["versionId"] != "v" {
		t.Errorf("%+v", one)
	}
	if one = WithObject(r, Object{Key: "k"}); !maps.Equal(one.Query, r.Query) {
		t.Errorf("%+v", one)
	}
}

func TestConflicts(t *testing.T) {
	long := strings.Repeat("v", 4000)
	for name, row := range map[string]struct {
		change func(*Spec)
		object Object
		want   []string // paths, with "!" for a conflict
	}{
		"none": {func(*Spec) {}, Object{"a", "v"}, nil},
		"zero": {func(s *Spec) { *s = Spec{} }, Object{}, nil},
		"payer": {
			func(s *Spec) {
				s.Headers = map[string]string{"X-Oss-Request-Payer": "requester"}
			}, Object{}, []string{"headers X-Oss-Request-Payer!"},
		},
		"limit": {
			func(s *Spec) {
				s.Headers = map[string]string{"x-oss-traffic-limit": "1"}
			}, Object{}, []string{"headers x-oss-traffic-limit!"},
		},
		"both": {func(s *Spec) {
			s.Headers = map[string]string{"x-oss-traffic-limit": "1", "x-oss-request-payer": "a", "X-Oss-Traffic-Limit": "2"}
		}, Object{}, []string{
			"headers X-Oss-Traffic-Limit!", "headers x-oss-request-payer!", "headers x-oss-traffic-limit!",
		}},
		"header alone": {func(s *Spec) {
			s.TrafficLimit, s.RequestPayer, s.Headers = 0, false,
				map[string]string{"x-oss-traffic-limit": "1", "x-oss-request-payer": "a"}
		}, Object{}, nil},
		"long headers": {
			func(s *Spec) {
				s.Headers = map[string]string{"x-a": long, "x-b": long, "x-c": long[:300]}
			}, Object{}, []string{"headers"},
		},
		"just fits": {
			func(s *Spec) { s.Headers = map[string]string{"x-a": long, "x-b": long, "x-c": long[:171]} }, Object{}, nil,
		},
		"one too many": {
			func(s *Spec) {
				s.Headers = map[string]string{"x-a": long, "x-b": long, "x-c": long[:172]}
			}, Object{}, []string{"headers"},
		},
		"long name": {func(s *Spec) { s.Headers = map[string]string{long: long, "x-b": long} }, Object{}, nil},
		"disposition": {
			func(s *Spec) {
				s.ResponseHeaders = map[string]string{"Content-Disposition": "inline"}
			}, Object{}, []string{"filename"},
		},
		"disposition alone": {func(s *Spec) {
			s.Filename, s.ResponseHeaders = "", map[string]string{"Content-Disposition": "inline"}
		}, Object{}, nil},
		"upload": {
			func(s *Spec) { s.Method = "PUT" }, Object{"a", "v"}, []string{"filename", "process", "response_headers", "version"},
		},
		"deletion": {
			func(s *Spec) { s.Method = "DELETE" }, Object{"a", "v"}, []string{"filename", "process", "response_headers"},
		},
		"plain upload": {func(s *Spec) { *s = Spec{Method: "PUT"} }, Object{Key: "a"}, nil},
		"another region": {
			func(s *Spec) { s.Domain, s.Endpoint = "", "oss-cn-beijing.aliyuncs.com" }, Object{}, []string{"endpoint"},
		},
		"no such host": {
			func(s *Spec) {
				s.Domain, s.Region, s.EndpointType = "", "us-east-1", "dual-stack"
			}, Object{}, []string{"endpoint_type"},
		},
		// has a fault of its own
		"no such type": {func(s *Spec) { s.Domain, s.EndpointType = "", "outer" }, Object{}, nil},
		"path style later": {
			func(s *Spec) { s.Domain, s.Bucket, s.Endpoint = "", "examplebucket", "http://192.0.2.1" }, Object{}, nil,
		},
		"no region": {
			func(s *Spec) { s.Domain, s.Region, s.Endpoint = "", "", "oss-cn-beijing.aliyuncs.com" }, Object{}, nil,
		},
		"no bucket": {
			func(s *Spec) { s.Domain, s.Bucket, s.Endpoint = "", "", "oss-cn-beijing.aliyuncs.com" }, Object{}, nil,
		},
		"bad bucket": {
			func(s *Spec) { s.Domain, s.Bucket, s.Endpoint = "", "B", "oss-cn-beijing.aliyuncs.com" }, Object{}, nil,
		},
		"two places": {func(s *Spec) { s.Endpoint = "oss-cn-beijing.aliyuncs.com" }, Object{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := full()
			row.change(&s)
			for range 5 {
				var got []string
				for _, f := range s.Conflicts(row.object) {
					path := strings.Join(f.Path, " ")
					if f.Conflict {
						path += "!"
					}
					got = append(got, path)
					expect(t, name, f.Err, "")
				}
				if !slices.Equal(got, row.want) {
					t.Errorf("%s: %q, want %q", name, got, row.want)
					break
				}
			}
		})
	}
}

var (
	keyPair = signer.NewCredentials("LTAI5tExampleKeyId000001", "example-secret-of-the-tests-0001", "")
	noon    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func TestSign(t *testing.T) {
	s := full()
	at, err := s.Target()
	if err != nil {
		t.Fatal(err)
	}
	r := s.Request(at)
	w := validity.Window{SigningTime: noon, Expires: 60}
	objects := []Object{{"b", ""}, {"a b", "v1"}, {"中", ""}}
	got, err := Sign(r, objects, w, keyPair, math.MaxInt)
	if err != nil || len(got.URLs) != len(objects) {
		t.Fatal(err)
	}
	for i, o := range objects {
		one := WithObject(r, o)
		one.Expires = 60
		want, headers, err := signer.Presign(one, keyPair, noon)
		if err != nil || got.URLs[i] != want || !maps.Equal(got.Headers, headers) {
			t.Errorf("%v: %v", o, err)
		}
	}
	if !maps.Equal(got.Headers, map[string]string{
		"content-type": "a", "x-own": "b", "x-oss-meta-c": "d", "range": "bytes=0-1",
	}) {
		t.Errorf("%v", got.Headers)
	}
	none, err := Sign(r, nil, w, keyPair, 1)
	if err != nil || len(none.URLs) != 0 || !maps.Equal(none.Headers, got.Headers) {
		t.Errorf("without objects: %v, %v", none, err)
	}
	// The limit is the bytes of all URLs and keys, to the byte.
	size := 0
	for i, o := range objects {
		size += len(got.URLs[i]) + len(o.Key) + stringHeads
	}
	if _, err := Sign(r, objects, w, keyPair, size); err != nil {
		t.Error(err)
	}
	var large *TooLargeError
	if _, err := Sign(r, objects, w, keyPair, size-1); !errors.As(err, &large) || large.Fit != 2 ||
		!strings.Contains(large.Error(), "2") {
		t.Error(err)
	}
	if _, err := Sign(r, objects, w, keyPair, 1); !errors.As(err, &large) || large.Fit != 0 {
		t.Error(err)
	}
	noLifetime := validity.Window{SigningTime: noon}
	for name, row := range map[string]func() (Signed, error){
		"no key":         func() (Signed, error) { return Sign(r, objects, w, signer.Credentials{}, size) },
		"no object":      func() (Signed, error) { return Sign(r, []Object{{}}, w, keyPair, size) },
		"no lifetime":    func() (Signed, error) { return Sign(r, objects, noLifetime, keyPair, size) },
		"nothing at all": func() (Signed, error) { return Sign(signer.Request{}, nil, w, keyPair, math.MaxInt) },
	} {
		signed, err := row()
		if err == nil || len(signed.URLs) > 0 || errors.As(err, &large) && name != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
