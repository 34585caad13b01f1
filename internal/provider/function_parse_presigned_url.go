package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

func newParsePresignedURLFunction() function.Function { return &parsePresignedURLFunction{} }

// parsePresignedURLFunction returns the parts of a presigned URL. It signs and verifies nothing.
type parsePresignedURLFunction struct{}

func (*parsePresignedURLFunction) Metadata(
	_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse,
) {
	resp.Name = "parse_presigned_url"
}

func (*parsePresignedURLFunction) Definition(
	ctx context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "Parts of an OSS presigned URL",
		MarkdownDescription: "Parts of a URL that is presigned with an OSS V4 signature, as an object:\n\n" +
			"- `scheme`, `host` (with the port, if there is one) and `key` (decoded)\n" +
			"- `access_key_id`, `region` and `version` (null if the URL contains no version)\n" +
			"- `signed_at` and `expires_at` in RFC 3339 format (UTC)\n" +
			"- `security_token_used`\n" +
			"- `signed_headers`, the names of the additional headers (with `host`, if the host is signed)\n\n" +
			"The function verifies nothing and needs no credentials. Temporary credentials may expire before `expires_at`. A " +
			"URL does not contain its method. If the host is an IP address or `localhost`, the bucket is the first segment " +
			"of the path and not part of `key`. The result contains neither the signature nor the security token, so you can " +
			"show its fields with `nonsensitive()`.",
		Parameters: []function.Parameter{function.StringParameter{
			Name:                "url",
			MarkdownDescription: "Presigned URL to read.",
		}},
		Return: function.ObjectReturn{AttributeTypes: partsOf(ctx, signer.Parsed{}).AttributeTypes(ctx)},
	}
}

func (*parsePresignedURLFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var url string
	if resp.Error = req.Arguments.Get(ctx, &url); resp.Error != nil {
		return
	}
	p, err := parsePresignedURL(url)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, strings.TrimSuffix(sentence(err), ".")) // the CLI adds the full stop
		return
	}
	resp.Error = resp.Result.Set(ctx, partsOf(ctx, p))
}

// partsOf leaves out signature and token, so that a field may be shown with nonsensitive().
func partsOf(ctx context.Context, p signer.Parsed) types.Object {
	version := types.StringNull()
	if p.Version != "" {
		version = types.StringValue(p.Version)
	}
	names := make([]attr.Value, 0, len(p.AdditionalHeaders))
	for _, name := range slices.Sorted(slices.Values(p.AdditionalHeaders)) {
		names = append(names, types.StringValue(name))
	}
	parts := map[string]attr.Value{
		"scheme":              types.StringValue(p.Scheme),
		"host":                types.StringValue(p.Host),
		"key":                 types.StringValue(p.Key),
		"access_key_id":       types.StringValue(p.AccessKeyID),
		"region":              types.StringValue(p.Region),
		"signed_at":           types.StringValue(p.SignedAt.Format(time.RFC3339)),
		"expires_at":          types.StringValue(p.ExpiresAt.Format(time.RFC3339)),
		"version":             version,
		"security_token_used": types.BoolValue(p.SecurityTokenUsed),
		"signed_headers":      types.ListValueMust(types.StringType, names),
	}
	typ := make(map[string]attr.Type, len(parts))
	for name, value := range parts {
		typ[name] = value.Type(ctx)
	}
	return types.ObjectValueMust(typ, parts)
}

// parsePresignedURL refuses a URL whose expiry OSS would not accept.
func parsePresignedURL(url string) (signer.Parsed, error) {
	p, err := signer.Parse(url)
	if err != nil {
		return p, err
	}
	const least, most = int64(validity.MinExpiry / time.Second), int64(validity.MaxExpiry / time.Second)
	if p.Expires < least || p.Expires > most {
		return p, fmt.Errorf("url must have %d to %d seconds as x-oss-expires, got %d", least, most, p.Expires)
	}
	if endpoint.BucketInPath(p.Host) {
		err = p.SplitBucket()
	}
	return p, err
}
