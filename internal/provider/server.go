package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
)

// NewServer returns the constructor of the provider's server for protocol 6, with the time and the
// environment of the machine.
func NewServer(version string) func() tfprotov6.ProviderServer {
	environment := credentials.OSEnvironment(time.Now)
	environment.Log = func(ctx context.Context, level, message string, fields map[string]any) {
		if level == credentials.LevelInfo {
			tflog.Info(ctx, message, fields)
		} else {
			tflog.Debug(ctx, message, fields)
		}
	}
	return func() tfprotov6.ProviderServer { return newServer(version, environment) }
}

func newServer(version string, environment credentials.Environment) *server {
	p := &aliossProvider{version: version, environment: environment}
	return &server{
		ProviderServer: providerserver.NewProtocol6(p)(),
		provider:       p,
		data: map[string]*form{
			"alioss_presigned_url": newDataPresignedURL(), "alioss_presigned_urls": newDataPresignedURLs(),
		},
		resource: newResourcePresignedURL(),
		ephemerals: map[string]*form{
			"alioss_presigned_url": newEphemeralPresignedURL(), "alioss_presigned_urls": newEphemeralPresignedURLs(),
		},
	}
}

// server serves the forms that sign: it decodes a call once, checks, acts, and encodes the answer
// once. The framework serves the provider block and the function. For the forms it would read each
// configuration and state several times, compare the elements of a set by pairs, and keep the
// context of every call until the process ends.
type server struct {
	tfprotov6.ProviderServer

	provider *aliossProvider
	data     map[string]*form
	// resource is the one resource. The CLI calls with no type that the schema does not have.
	resource   *form
	ephemerals map[string]*form
	// running has the cancel functions of the calls in flight by their contexts.
	running sync.Map
}

// start returns the context of a call, which StopProvider cancels, and the function that ends it.
func (s *server) start(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	s.running.Store(ctx, cancel)
	return ctx, func() {
		cancel()
		s.running.Delete(ctx)
	}
}

func (s *server) StopProvider(
	ctx context.Context, req *tfprotov6.StopProviderRequest,
) (*tfprotov6.StopProviderResponse, error) {
	s.running.Range(func(_, cancel any) bool {
		cancel.(context.CancelFunc)() //nolint:forcetypeassert // start stores nothing else
		return true
	})
	return s.ProviderServer.StopProvider(ctx, req)
}

func (s *server) GetMetadata(
	ctx context.Context, req *tfprotov6.GetMetadataRequest,
) (*tfprotov6.GetMetadataResponse, error) {
	resp, err := s.ProviderServer.GetMetadata(ctx, req)
	if err != nil {
		return resp, err
	}
	resp.Resources = []tfprotov6.ResourceMetadata{{TypeName: "alioss_presigned_url"}}
	for name := range s.data { // the names of the ephemeral resources too
		resp.DataSources = append(resp.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
		resp.EphemeralResources = append(resp.EphemeralResources, tfprotov6.EphemeralResourceMetadata{TypeName: name})
	}
	return resp, nil
}

func (s *server) GetProviderSchema(
	ctx context.Context, req *tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	resp, err := s.ProviderServer.GetProviderSchema(ctx, req)
	if err != nil {
		return resp, err
	}
	data, ephemerals := map[string]*tfprotov6.Schema{}, map[string]*tfprotov6.Schema{}
	for name := range s.data {
		data[name], ephemerals[name] = s.data[name].schema, s.ephemerals[name].schema
	}
	resp.DataSourceSchemas, resp.EphemeralResourceSchemas = data, ephemerals
	resp.ResourceSchemas = map[string]*tfprotov6.Schema{"alioss_presigned_url": s.resource.schema}
	return resp, nil
}

func (s *server) ValidateDataResourceConfig(
	_ context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	diagnostics, err := s.data[req.TypeName].validate(req.Config)
	return &tfprotov6.ValidateDataResourceConfigResponse{Diagnostics: diagnostics}, err
}

func (f *form) validate(d *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
	config, err := f.decodeConfig(d)
	if err != nil {
		return nil, err
	}
	return f.check(config).protocol(), nil
}

// decodeConfig returns an error only for what no CLI sends.
func (f *form) decodeConfig(d *tfprotov6.DynamicValue) (config values, err error) {
	if f == nil {
		return nil, fmt.Errorf("the provider has no such type. %s", bugAdvice)
	}
	if config, err = decode(d, f.typ); err == nil && config == nil {
		err = errors.New("it is null or unknown as a whole")
	}
	if err != nil {
		return nil, fmt.Errorf("the configuration cannot be read: %w. %s", err, bugAdvice)
	}
	return config, nil
}

func (s *server) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	mayDefer := req.ClientCapabilities != nil && req.ClientCapabilities.DeferralAllowed
	opened, _, err := s.open(ctx, s.data[req.TypeName], req.Config, mayDefer)
	return &tfprotov6.ReadDataSourceResponse{
		State: opened.Result, Diagnostics: opened.Diagnostics, Deferred: opened.Deferred,
	}, err
}

// open signs the URLs of a data source or of an ephemeral resource, and returns when they expire.
// If mayDefer is true and the provider block is not known yet, it defers that instead, with all
// results that are not configured unknown.
func (s *server) open(
	ctx context.Context, f *form, d *tfprotov6.DynamicValue, mayDefer bool,
) (*tfprotov6.OpenEphemeralResourceResponse, time.Time, error) {
	resp := &tfprotov6.OpenEphemeralResourceResponse{}
	config, err := f.decodeConfig(d)
	if err != nil {
		return resp, time.Time{}, err
	}
	ctx, done := s.start(ctx)
	defer done()
	c := s.provider.client.Load()
	if mayDefer && c.isWaiting() {
		resp.Deferred = &tfprotov6.Deferred{Reason: tfprotov6.DeferredReasonProviderConfigUnknown}
		resp.Result, err = f.withUnknownResults(config).encode(f.typ)
		return resp, time.Time{}, err
	}
	results, end, found := f.sign(ctx, c, config, len(d.MsgPack))
	resp.Diagnostics = found.protocol()
	resp.Result, err = results.encode(f.typ)
	return resp, end, err
}

// withUnknownResults returns a configuration with all results unknown that are not configured.
func (f *form) withUnknownResults(config values) values {
	results := maps.Clone(config)
	for name, a := range f.attributes {
		if (a.usage == computed || a.usage == optionalComputed && config.isNull(name)) &&
			(name != "object" || needsObject(config)) {
			results[name] = tftypes.NewValue(a.typ, tftypes.UnknownValue)
		}
	}
	return results
}
