package doctest

import (
	"context"
	"log"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dsschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	epschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	rsschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

// TestMain serves a stub provider where the CLI started this test binary under a provider's name.
func TestMain(m *testing.M) {
	name, isProvider := strings.CutPrefix(strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"), "terraform-provider-")
	if !isProvider {
		acctest.Main(m)
	}
	s, ok := stubs[name]
	if !ok {
		log.Fatalf("no stub of provider %q", name)
	}
	s.name = name
	err := providerserver.Serve(context.Background(), func() provider.Provider { return s }, providerserver.ServeOpts{
		Address: "registry.terraform.io/" + s.source,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// stubProvider has the part of another provider's schema that the documentation uses.
type stubProvider struct {
	name, source string
	arguments    fields
	resources    map[string]fields
	dataSources  map[string]fields
	ephemerals   map[string]fields
}

// fields maps an argument to its type, followed by ! where it must be given and by = where the provider computes it.
// Types: string, number, bool, strings (a set), list (of strings), map, objects (a list of objects with a key).
type fields map[string]string

// stubs are the other providers of the documentation. Their arguments are those of their own documentation.
var stubs = map[string]stubProvider{
	"alicloud": {
		source:    "aliyun/alicloud",
		arguments: fields{"region": "string", "profile": "string"},
		resources: map[string]fields{
			"alicloud_instance": {
				"image_id": "string", "instance_type": "string!", "instance_name": "string", "security_groups": "strings!",
				"vswitch_id": "string", "user_data": "string", "role_name": "string", "system_disk_category": "string", "id": "string=",
			},
			"alicloud_oss_bucket": {"bucket": "string", "location": "string=", "id": "string="},
			"alicloud_oss_bucket_object": {
				"bucket": "string!", "key": "string!", "source": "string", "content": "string", "content_type": "string",
				"etag": "string=", "version_id": "string=", "id": "string=",
			},
		},
		dataSources: map[string]fields{
			"alicloud_oss_bucket_objects": {"bucket_name": "string!", "key_prefix": "string", "key_regex": "string", "objects": "objects="},
		},
	},
	"time": {
		source: "hashicorp/time",
		resources: map[string]fields{
			"time_rotating": {"rotation_days": "number", "rotation_hours": "number", "triggers": "map", "rfc3339": "string=", "id": "string="},
			"time_static":   {"triggers": "map", "rfc3339": "string=", "id": "string="},
		},
	},
	"external": {
		source:      "hashicorp/external",
		dataSources: map[string]fields{"external": {"program": "list!", "query": "map", "result": "map=", "id": "string="}},
	},
	"google": {
		source: "hashicorp/google",
		dataSources: map[string]fields{
			"google_storage_object_signed_url": {
				"bucket": "string!", "path": "string!", "duration": "string", "http_method": "string", "content_type": "string",
				"content_md5": "string", "extension_headers": "map", "credentials": "string", "signed_url": "string=", "id": "string=",
			},
		},
	},
	"vault": {
		source:     "hashicorp/vault",
		ephemerals: map[string]fields{"vault_kv_secret_v2": {"mount": "string!", "name": "string!", "data": "map="}},
	},
}

func (s stubProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = s.name
}

func (s stubProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{}}
	for name := range s.arguments {
		resp.Schema.Attributes[name] = schema.StringAttribute{Optional: true}
	}
}

func (stubProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (s stubProvider) Resources(context.Context) []func() resource.Resource {
	var all []func() resource.Resource
	for name, f := range s.resources {
		all = append(all, func() resource.Resource { return stubResource{name, f} })
	}
	return all
}

func (s stubProvider) DataSources(context.Context) []func() datasource.DataSource {
	var all []func() datasource.DataSource
	for name, f := range s.dataSources {
		all = append(all, func() datasource.DataSource { return stubDataSource{name, f} })
	}
	return all
}

func (s stubProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	var all []func() ephemeral.EphemeralResource
	for name, f := range s.ephemerals {
		all = append(all, func() ephemeral.EphemeralResource { return stubEphemeral{name, f} })
	}
	return all
}

func (stubProvider) Functions(context.Context) []func() function.Function { return nil }

// flags splits a field's type from what follows it.
func flags(field string) (kind string, required, computed bool) {
	return strings.TrimRight(field, "!="), strings.HasSuffix(field, "!"), strings.HasSuffix(field, "=")
}

var objectType = types.ObjectType{AttrTypes: map[string]attr.Type{"key": types.StringType, "etag": types.StringType}}

type stubResource struct {
	name   string
	fields fields
}

func (s stubResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = s.name
}

func (s stubResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = rsschema.Schema{Attributes: map[string]rsschema.Attribute{}}
	for name, field := range s.fields {
		kind, required, computed := flags(field)
		var a rsschema.Attribute
		switch kind {
		case "number":
			a = rsschema.Int64Attribute{Required: required, Optional: !required && !computed, Computed: computed}
		case "strings":
			a = rsschema.SetAttribute{ElementType: types.StringType, Required: required, Optional: !required && !computed, Computed: computed}
		case "map":
			a = rsschema.MapAttribute{ElementType: types.StringType, Required: required, Optional: !required && !computed, Computed: computed}
		default:
			a = rsschema.StringAttribute{Required: required, Optional: !required && !computed, Computed: computed}
		}
		resp.Schema.Attributes[name] = a
	}
}

func (s stubResource) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = s.fields.computed(req.Plan.Raw)
}

func (stubResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (s stubResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = s.fields.computed(req.Plan.Raw)
}

func (stubResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

type stubDataSource struct {
	name   string
	fields fields
}

func (s stubDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = s.name
}

func (s stubDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dsschema.Schema{Attributes: map[string]dsschema.Attribute{}}
	for name, field := range s.fields {
		kind, required, computed := flags(field)
		var a dsschema.Attribute
		switch kind {
		case "objects":
			a = dsschema.ListAttribute{ElementType: objectType, Computed: computed}
		case "list":
			a = dsschema.ListAttribute{ElementType: types.StringType, Required: required, Optional: !required && !computed, Computed: computed}
		case "map":
			a = dsschema.MapAttribute{ElementType: types.StringType, Required: required, Optional: !required && !computed, Computed: computed}
		default:
			a = dsschema.StringAttribute{Required: required, Optional: !required && !computed, Computed: computed}
		}
		resp.Schema.Attributes[name] = a
	}
}

func (s stubDataSource) Read(_ context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.State.Raw = s.fields.computed(req.Config.Raw)
}

type stubEphemeral struct {
	name   string
	fields fields
}

func (s stubEphemeral) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = s.name
}

func (s stubEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = epschema.Schema{Attributes: map[string]epschema.Attribute{}}
	for name, field := range s.fields {
		kind, required, computed := flags(field)
		if kind == "map" {
			resp.Schema.Attributes[name] = epschema.MapAttribute{ElementType: types.StringType, Computed: computed}
			continue
		}
		resp.Schema.Attributes[name] = epschema.StringAttribute{Required: required, Optional: !required && !computed, Computed: computed}
	}
}

func (s stubEphemeral) Open(_ context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	resp.Result.Raw = s.fields.computed(req.Config.Raw)
}

// computed returns a block's values with those filled in that the provider computes.
func (f fields) computed(raw tftypes.Value) tftypes.Value {
	values := map[string]tftypes.Value{}
	if err := raw.As(&values); err != nil {
		panic(err)
	}
	for name, value := range values {
		if _, _, computed := flags(f[name]); computed || !value.IsKnown() {
			values[name] = sample(name, value.Type())
		}
	}
	return tftypes.NewValue(raw.Type(), values)
}

// sample returns a value of a type that blocks can work with.
func sample(name string, t tftypes.Type) tftypes.Value {
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	switch {
	case t.Is(tftypes.Number):
		return tftypes.NewValue(t, big.NewFloat(1))
	case t.Is(tftypes.Map{}):
		return tftypes.NewValue(t, map[string]tftypes.Value{"access_key": text(testKey), "secret_key": text(testSecret)})
	case t.Is(tftypes.List{}):
		element := t.(tftypes.List).ElementType
		var list []tftypes.Value
		for _, key := range []string{"releases/1.4.2/agent.tar.gz", "releases/1.4.2/agent.tar.gz.sig"} {
			list = append(list, tftypes.NewValue(element, map[string]tftypes.Value{"key": text(key), "etag": text("etag of " + key)}))
		}
		return tftypes.NewValue(t, list)
	case name == "rfc3339":
		return text(time.Now().UTC().Format(time.RFC3339))
	case name == "location":
		return text("oss-cn-hangzhou")
	}
	return text("stub-" + name)
}
