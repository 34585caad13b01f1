package provider

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
)

// NewServer returns the constructor of the provider's server for protocol 6, with the time and the environment of the machine.
func NewServer(version string) func() tfprotov6.ProviderServer {
	environment := credentials.OSEnvironment(time.Now)
	environment.Log = logCredentials
	return newServer(version, environment)
}

// newServer returns the constructor of a provider's server in a chosen environment.
func newServer(version string, environment credentials.Environment) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		p := newProvider(version, environment)
		return &directServer{
			ProviderServer: &bulkServer{
				ProviderServer: providerserver.NewProtocol6(p)(),
				typ:            sync.OnceValue(bulkType),
			},
			provider: p,
			source:   sync.OnceValue(newDirectSource),
		}
	}
}

// bulkServer is the framework's server, but for the collections of alioss_presigned_urls, which it carries past the framework. The
// framework walks a configuration and a state several times and compares the elements of a set by pairs (tftypes.Value.Equal, in
// every read): 100,000 keys in a set would take it an hour. The framework sees an empty tuple in their place.
type bulkServer struct {
	tfprotov6.ProviderServer

	typ func() tftypes.Type
}

const bulkTypeName = "alioss_presigned_urls"

// bulkType is the type of configuration and state of alioss_presigned_urls.
func bulkType() tftypes.Type {
	var resp datasource.SchemaResponse
	newPresignedURLsDataSource().Schema(context.Background(), datasource.SchemaRequest{}, &resp)
	return resp.Schema.Type().TerraformType(context.Background())
}

// bulk is what comes by the thousand: keys and versions as they are configured, and the URLs that a read gives.
type bulk struct {
	keys, versions tftypes.Value
	urls           map[string]tftypes.Value
}

// setURLs hands over the URLs of objects.
func (b *bulk) setURLs(objects []object, urls []string) {
	b.urls = make(map[string]tftypes.Value, len(objects))
	for i, o := range objects {
		b.urls[o.key] = tftypes.NewValue(tftypes.String, urls[i])
	}
}

type bulkKey struct{}

// bulkOf returns what the server carries past the framework for the call of this context; nil where another server serves.
func bulkOf(ctx context.Context) *bulk {
	b, _ := ctx.Value(bulkKey{}).(*bulk)
	return b
}

func (s *bulkServer) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	if req.TypeName != bulkTypeName {
		return s.ProviderServer.ValidateDataResourceConfig(ctx, req)
	}
	b, few, err := s.split(req.Config)
	if err != nil {
		return nil, err
	}
	small := *req
	small.Config = few
	return s.ProviderServer.ValidateDataResourceConfig(context.WithValue(ctx, bulkKey{}, b), &small)
}

func (s *bulkServer) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	if req.TypeName != bulkTypeName {
		return s.ProviderServer.ReadDataSource(ctx, req)
	}
	b, few, err := s.split(req.Config)
	if err != nil {
		return nil, err
	}
	small := *req
	small.Config = few
	resp, err := s.ProviderServer.ReadDataSource(context.WithValue(ctx, bulkKey{}, b), &small)
	if err != nil || b.urls == nil {
		return resp, err
	}
	resp.State, err = s.join(resp.State, b)
	return resp, err
}

// split takes the collections out of a configuration. One that is no object, which no CLI sends, the framework is to refuse.
func (s *bulkServer) split(config *tfprotov6.DynamicValue) (*bulk, *tfprotov6.DynamicValue, error) {
	values, err := s.attributes(config)
	if err != nil || values == nil {
		return &bulk{}, config, err
	}
	b := &bulk{keys: values["keys"], versions: values["versions"]}
	for _, name := range []string{"keys", "versions"} {
		if v := values[name]; v.IsKnown() && !v.IsNull() {
			values[name] = tftypes.NewValue(tftypes.Tuple{ElementTypes: []tftypes.Type{}}, []tftypes.Value{})
		}
	}
	few, err := tfprotov6.NewDynamicValue(s.typ(), tftypes.NewValue(s.typ(), values))
	return b, &few, err
}

// join puts the collections into a state.
func (s *bulkServer) join(state *tfprotov6.DynamicValue, b *bulk) (*tfprotov6.DynamicValue, error) {
	values, err := s.attributes(state)
	if err != nil {
		return nil, err
	}
	values["keys"], values["versions"] = b.keys, b.versions
	values["urls"] = tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, b.urls)
	whole, err := tfprotov6.NewDynamicValue(s.typ(), tftypes.NewValue(s.typ(), values))
	return &whole, err
}

// attributes returns the attributes of a configuration or state; nil where it is not there, null or unknown.
func (s *bulkServer) attributes(d *tfprotov6.DynamicValue) (map[string]tftypes.Value, error) {
	if d == nil {
		return nil, nil
	}
	v, err := d.Unmarshal(s.typ())
	if err != nil || v.IsNull() || !v.IsKnown() {
		return nil, err
	}
	var values map[string]tftypes.Value
	if err := v.As(&values); err != nil {
		return nil, err
	}
	return maps.Clone(values), nil
}
