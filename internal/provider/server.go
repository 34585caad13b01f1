package provider

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
)

// NewServer returns the constructor of the provider's server for protocol 6, with the time and the
// environment of the machine.
func NewServer(version string) func() tfprotov6.ProviderServer {
	environment := credentials.OSEnvironment(time.Now)
	environment.Log = logCredentials
	return newServer(version, environment)
}

// newServer returns the constructor of a provider's server in a chosen environment.
func newServer(version string, environment credentials.Environment) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		p := newProvider(version, environment)
		return &server{
			ProviderServer: providerserver.NewProtocol6(p)(),
			provider:       p,
			data: map[string]*signingForm{
				"alioss_presigned_url":  {newDataPresignedURL(), (*client).readOne},
				"alioss_presigned_urls": {newDataPresignedURLs(), (*client).readMany},
			},
			resources: map[string]*form{"alioss_presigned_url": newResourcePresignedURL()},
			ephemerals: map[string]*signingForm{
				"alioss_presigned_url":  {newEphemeralPresignedURL(), (*client).openOne},
				"alioss_presigned_urls": {newEphemeralPresignedURLs(), (*client).readMany},
			},
		}
	}
}

// server serves the forms that sign: it decodes a call once, checks, acts, and encodes the answer
// once. The framework serves the provider block and the function. For the forms it would read each
// configuration and state several times, compare the elements of a set by pairs, and keep the
// context of every call until the process ends.
type server struct {
	tfprotov6.ProviderServer

	provider   *aliossProvider
	data       map[string]*signingForm
	resources  map[string]*form
	ephemerals map[string]*signingForm
	running    running
}

// signingForm is a data source or an ephemeral resource, which sign when they are read or opened.
type signingForm struct {
	*form

	act func(c *client, ctx context.Context, config *input) (values, signResult, faults)
}

// sign checks a configuration and signs. After an error it returns the configuration: the protocol
// requires a result of the right type, which the CLI ignores.
func (f *signingForm) sign(ctx context.Context, c *client, config values) (values, signResult, faults) {
	in := &input{values: config}
	found := c.checkReady()
	if !found.failed() {
		found = f.checkKnown(in)
	}
	if found.failed() {
		return config, signResult{}, found
	}
	results, s, more := f.act(c, ctx, in)
	if found = append(found, more...); found.failed() {
		results = config
	}
	return results, s, found
}

// running are the calls in flight.
type running struct {
	mu      sync.Mutex
	cancels map[*context.CancelFunc]struct{}
}

// start returns the context of a call, which StopProvider cancels, and the function to call when
// the call is done.
func (r *running) start(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancels == nil {
		r.cancels = map[*context.CancelFunc]struct{}{}
	}
	r.cancels[&cancel] = struct{}{}
	return ctx, func() {
		cancel()
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.cancels, &cancel)
	}
}

// stop cancels the calls in flight.
func (r *running) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for cancel := range r.cancels {
		(*cancel)()
	}
}

// StopProvider cancels the calls in flight, because the CLI was interrupted.
func (s *server) StopProvider(
	ctx context.Context, req *tfprotov6.StopProviderRequest,
) (*tfprotov6.StopProviderResponse, error) {
	s.running.stop()
	return s.ProviderServer.StopProvider(ctx, req)
}

// GetMetadata lists the framework's part of the provider and ours.
func (s *server) GetMetadata(
	ctx context.Context, req *tfprotov6.GetMetadataRequest,
) (*tfprotov6.GetMetadataResponse, error) {
	resp, err := s.ProviderServer.GetMetadata(ctx, req)
	if err != nil {
		return resp, err
	}
	for name := range s.data {
		resp.DataSources = append(resp.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	for name := range s.resources {
		resp.Resources = append(resp.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range s.ephemerals {
		resp.EphemeralResources = append(resp.EphemeralResources, tfprotov6.EphemeralResourceMetadata{TypeName: name})
	}
	return resp, nil
}

// GetProviderSchema returns the framework's schemas and ours.
func (s *server) GetProviderSchema(
	ctx context.Context, req *tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	resp, err := s.ProviderServer.GetProviderSchema(ctx, req)
	if err != nil {
		return resp, err
	}
	resp.DataSourceSchemas = map[string]*tfprotov6.Schema{}
	for name, f := range s.data {
		resp.DataSourceSchemas[name] = f.schema
	}
	resp.ResourceSchemas = map[string]*tfprotov6.Schema{}
	for name, f := range s.resources {
		resp.ResourceSchemas[name] = f.schema
	}
	resp.EphemeralResourceSchemas = map[string]*tfprotov6.Schema{}
	for name, f := range s.ephemerals {
		resp.EphemeralResourceSchemas[name] = f.schema
	}
	return resp, nil
}

// ValidateDataResourceConfig checks the configuration of a data source.
func (s *server) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	f, ok := s.data[req.TypeName]
	if !ok {
		return s.ProviderServer.ValidateDataResourceConfig(ctx, req)
	}
	found, err := f.validateCall(req.Config)
	return &tfprotov6.ValidateDataResourceConfigResponse{Diagnostics: found.protocol()}, err
}

// validateCall checks a configuration as it comes over the protocol.
func (f *form) validateCall(config *tfprotov6.DynamicValue) (faults, error) {
	decoded, err := decode(config, f.typ)
	if err != nil || decoded == nil {
		return nil, errUnreadable(err)
	}
	return f.check(&input{values: decoded}), nil
}

// errUnreadable is the error of a call without a configuration, which no CLI sends.
func errUnreadable(err error) error {
	if err == nil {
		return fmt.Errorf("the configuration is null or unknown as a whole. %s", bugAdvice)
	}
	return fmt.Errorf("the configuration cannot be read: %w. %s", err, bugAdvice)
}

// ReadDataSource signs the URLs of a data source.
func (s *server) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	f, ok := s.data[req.TypeName]
	if !ok {
		return s.ProviderServer.ReadDataSource(ctx, req)
	}
	ctx, done := s.running.start(ctx)
	defer done()
	config, err := decode(req.Config, f.typ)
	if err != nil || config == nil {
		return nil, errUnreadable(err)
	}
	c := s.provider.client.Load()
	resp := &tfprotov6.ReadDataSourceResponse{}
	if c.isWaiting() && req.ClientCapabilities != nil && req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &tfprotov6.Deferred{Reason: tfprotov6.DeferredReasonProviderConfigUnknown}
		resp.State, err = f.withUnknownResults(config).encode(f.typ)
		return resp, err
	}
	results, _, found := f.sign(ctx, c, config)
	resp.Diagnostics = found.protocol()
	resp.State, err = results.encode(f.typ)
	return resp, err
}

// isWaiting reports whether the provider block has arguments that are not known yet.
func (c *client) isWaiting() bool { return c != nil && len(c.unknown) > 0 }

// withUnknownResults returns a configuration in which all results that are not configured are
// unknown.
func (f *form) withUnknownResults(config values) values {
	unknown := values{}
	for name, a := range f.attributes {
		if (a.usage == computed || a.usage == optionalComputed && config.isNull(name)) &&
			(name != "object" || needsObject(config)) {
			unknown[name] = tftypes.NewValue(a.typ(), tftypes.UnknownValue)
		}
	}
	return config.with(unknown)
}
