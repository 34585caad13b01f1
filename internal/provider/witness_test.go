package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// witness is a provider's server that verifies from the wire every URL that it hands out, in
// whichever test: a service that has nothing but key, bucket and host must accept it at its own
// date, for the method, the object and the headers that the answer names. It reads every
// diagnostic, too.
type witness struct {
	tfprotov6.ProviderServer

	t testing.TB
}

// secrets are the secrets of the access keys that tests sign with. The token is taken from the URL,
// which signs it.
var secrets = map[string]string{
	testKey: testSecret, "STS.example": testSecret, "STS.load": testSecret,
	"oss-key": "a", "cloud-key": "b", "ali-key": "c", "own-key": "d", "baba-key": "e", // those of TestKeysOfOneSource
}

// knownSecret is the secret of an access key of the tests.
func knownSecret(id string) (string, error) {
	if s, ok := secrets[id]; ok {
		return s, nil
	}
	var n int
	if _, err := fmt.Sscanf(id, "STS.NExampleKeyId%04d", &n); err == nil { // those that timing_test lends
		return fmt.Sprintf("lent-secret-%04d", n), nil
	}
	if source, ok := strings.CutPrefix(id, idOf("")); ok {
		return secretOf(source), nil
	}
	return "", fmt.Errorf("no secret of access key %q is known to the witness", id)
}

func (w witness) ValidateProviderConfig(
	ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	resp, err := w.ProviderServer.ValidateProviderConfig(ctx, req)
	if err == nil {
		w.read(resp.Diagnostics)
	}
	return resp, err
}

func (w witness) ConfigureProvider(
	ctx context.Context, req *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	resp, err := w.ProviderServer.ConfigureProvider(ctx, req)
	if err == nil {
		w.read(resp.Diagnostics)
	}
	return resp, err
}

func (w witness) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	resp, err := w.ProviderServer.ValidateDataResourceConfig(ctx, req)
	if err == nil {
		w.read(resp.Diagnostics)
	}
	return resp, err
}

func (w witness) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := w.ProviderServer.ValidateResourceConfig(ctx, req)
	if err == nil {
		w.read(resp.Diagnostics)
	}
	return resp, err
}

func (w witness) ValidateEphemeralResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest,
) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	resp, err := w.ProviderServer.ValidateEphemeralResourceConfig(ctx, req)
	if err == nil {
		w.read(resp.Diagnostics)
	}
	return resp, err
}

func (w witness) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	resp, err := w.ProviderServer.ReadDataSource(ctx, req)
	if err == nil {
		w.read(resp.Diagnostics)
		w.see(resp.State, schemas().DataSourceSchemas[req.TypeName])
	}
	return resp, err
}

func (w witness) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := w.ProviderServer.PlanResourceChange(ctx, req)
	if err == nil {
		w.read(resp.Diagnostics)
	}
	return resp, err
}

func (w witness) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := w.ProviderServer.ApplyResourceChange(ctx, req)
	if err == nil {
		w.read(resp.Diagnostics)
		if !hasError(resp.Diagnostics) {
			w.see(resp.NewState, schemas().ResourceSchemas[req.TypeName])
		}
	}
	return resp, err
}

func (w witness) OpenEphemeralResource(
	ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	resp, err := w.ProviderServer.OpenEphemeralResource(ctx, req)
	if err == nil {
		w.read(resp.Diagnostics)
		w.see(resp.Result, schemas().EphemeralResourceSchemas[req.TypeName])
	}
	return resp, err
}

func (w witness) CloseEphemeralResource(
	ctx context.Context, req *tfprotov6.CloseEphemeralResourceRequest,
) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	resp, err := w.ProviderServer.CloseEphemeralResource(ctx, req)
	if err == nil {
		w.read(resp.Diagnostics)
	}
	return resp, err
}

// schemas are those of every server of the tests.
var schemas = sync.OnceValue(func() *tfprotov6.GetProviderSchemaResponse {
	schemas, err := NewServer("test")().GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		panic(err)
	}
	return schemas
})

// framework are the summaries of errors that the framework words.
var framework = []string{
	"Value Conversion Error", "Missing Configuration for Required Attribute", "Invalid Attribute Value",
}

// read checks how diagnostics are worded.
func (w witness) read(diagnostics []*tfprotov6.Diagnostic) {
	for _, d := range diagnostics {
		if !slices.Contains(framework, d.Summary) {
			expectWording(w.t, d)
		}
	}
}

// see verifies the URLs of an answer.
func (w witness) see(answer *tfprotov6.DynamicValue, schema *tfprotov6.Schema) {
	if answer == nil || schema == nil {
		return
	}
	v, err := answer.Unmarshal(schema.ValueType())
	var r result
	var values map[string]tftypes.Value
	if err == nil && v.IsKnown() && !v.IsNull() {
		err = v.As(&values)
	}
	if err != nil {
		w.t.Error(err)
		return
	}
	r = values
	links := r.texts("urls")
	if link, ok := r["url"]; ok && link.IsKnown() && !link.IsNull() {
		links = map[string]string{r.text("key"): r.text("url")}
	}
	if err := r.verify(links); err != nil {
		w.t.Errorf("a URL that the provider hands out is not accepted from the wire: %v", err)
	}
}

// verify verifies URLs of one answer, which differ by object only, by the keys of their objects.
func (r result) verify(links map[string]string) error {
	var server *osstest.Server
	headers := http.Header{}
	for name, value := range r.texts("signed_headers") {
		headers.Set(name, value)
	}
	const most = 500 // of one answer. Others differ by their keys only
	var faults []error
	for i, key := range slices.Sorted(maps.Keys(links)) {
		if i%(len(links)/most+1) != 0 {
			continue
		}
		link := links[key]
		if server == nil {
			var err error
			if server, err = serviceFor(link, r.text("bucket"), key); err != nil {
				return err
			}
		}
		found, err := server.Verify(r.text("method"), link, headers)
		if err == nil && (found.Key != key || found.Bucket != r.text("bucket")) {
			err = fmt.Errorf("it opens %q of %q", found.Key, found.Bucket)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("key %q: %w", key, err))
		}
	}
	return errors.Join(faults...)
}

// serviceFor is a service that is configured for a URL: the key of its access key id, the bucket in
// the region of its scope, under its host if that is none of the service's own, and the time at
// which it was signed.
func serviceFor(link, bucket, key string) (*osstest.Server, error) {
	u, err := url.Parse(link)
	if err != nil {
		return nil, errors.New("it is no URL")
	}
	q := u.Query()
	at, err := time.Parse("20060102T150405Z", q.Get("x-oss-date"))
	scope := strings.Split(q.Get("x-oss-credential"), "/")
	if err != nil || len(scope) != 5 {
		return nil, errors.New("it has no date or no scope")
	}
	secret, err := knownSecret(scope[0])
	if err != nil {
		return nil, err
	}
	host := u.Hostname()
	b := osstest.Bucket{Name: bucket, Region: scope[2]}
	config := osstest.Config{Now: func() time.Time { return at }}
	switch _, noIP := netip.ParseAddr(host); {
	case strings.HasSuffix(host, ".aliyuncs.com"), noIP == nil:
	case u.Path == "/"+bucket+"/"+key:
		config.PrivateHosts = []string{host}
	default:
		b.Domains = []string{host}
	}
	s := osstest.New(config)
	s.SetCredential(osstest.Credential{
		AccessKeyID: scope[0], AccessKeySecret: secret, SecurityToken: q.Get("x-oss-security-token"),
	})
	return s, s.SetBucket(b)
}
