package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

// newEphemeralPresignedURL returns the ephemeral resource whose URL is neither in state nor in a
// plan.
func newEphemeralPresignedURL() *form {
	return newForm("Creates a presigned URL that is never stored in state or plan, for write-only arguments, "+
		"provisioners and provider blocks. A new URL is signed at every plan and apply. Requires Terraform 1.10 or "+
		"OpenTofu 1.11.",
		merge(urlAttributes(), objectAttributes(), verifyAttributes(), notAfterAttribute()),
		checkVerify)
}

// newEphemeralPresignedURLs returns the ephemeral resource that signs the URLs of many objects.
func newEphemeralPresignedURLs() *form {
	return newForm("Creates presigned URLs for many objects of one bucket that are never stored in state or plan. All "+
		"are signed at the same time, again at every plan and apply. Requires Terraform 1.10 or OpenTofu 1.11.",
		merge(urlAttributes(), notAfterAttribute(), manyAttributes(), prefixAttributes()),
		checkPrefix, checkMany)
}

// openOne signs the URL of a checked configuration. An object that the same run uploads does not
// exist at plan, and a reference or depends_on does not make the CLI wait for it, as with a data
// source.
func (c *client) openOne(ctx context.Context, config *input) (values, signResult, faults) {
	results, s, found := c.readOne(ctx, config)
	for i, one := range found {
		if one.title == titleNoObject || one.title == titleNoBucket {
			found[i].detail += fmt.Sprintf("\n\nTerraform opens an ephemeral resource at plan too. If this run creates the "+
				"object, set %s. You can also take key from an attribute that is not known at plan.", atApply(config.values))
		}
	}
	return results, s, found
}

// atApply is the configuration with which an ephemeral resource checks its object at apply only.
func atApply(config values) string {
	var asking []string
	for _, name := range []string{"verify", "pin_version"} {
		if config.flag(name) {
			asking = append(asking, name+" = terraform.applying")
		}
	}
	return strings.Join(asking, " and ")
}

// opened is the private data of an ephemeral resource: when its URLs expire.
type opened struct {
	ExpiresAt time.Time `json:"expires_at"`
}

// ValidateEphemeralResourceConfig checks the configuration of an ephemeral resource.
func (s *server) ValidateEphemeralResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest,
) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	f, ok := s.ephemerals[req.TypeName]
	if !ok {
		return s.ProviderServer.ValidateEphemeralResourceConfig(ctx, req)
	}
	found, err := f.validateCall(req.Config)
	return &tfprotov6.ValidateEphemeralResourceConfigResponse{Diagnostics: found.protocol()}, err
}

// OpenEphemeralResource signs. If the provider block is not known before apply, the result is not
// known either, and Terraform opens it again at apply. OpenTofu (1.12) does not accept an unknown
// result, and shows the warning beside its error.
func (s *server) OpenEphemeralResource(
	ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	f, ok := s.ephemerals[req.TypeName]
	if !ok {
		return s.ProviderServer.OpenEphemeralResource(ctx, req)
	}
	ctx, done := s.running.start(ctx)
	defer done()
	config, err := decode(req.Config, f.typ)
	if err != nil || config == nil {
		return nil, errUnreadable(err)
	}
	c := s.provider.client.Load()
	resp := &tfprotov6.OpenEphemeralResourceResponse{}
	if c.isWaiting() {
		if req.ClientCapabilities != nil && req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &tfprotov6.Deferred{Reason: tfprotov6.DeferredReasonProviderConfigUnknown}
		} else {
			resp.Diagnostics = c.warnOfWaiting().protocol()
		}
		resp.Result, err = f.withUnknownResults(config).encode(f.typ)
		return resp, err
	}
	results, signed, found := f.sign(ctx, c, config)
	if !found.failed() {
		if resp.Private, err = json.Marshal(opened{signed.end}); err != nil {
			return nil, err
		}
	}
	resp.Diagnostics = found.protocol()
	resp.Result, err = results.encode(f.typ)
	return resp, err
}

func (c *client) warnOfWaiting() faults {
	return c.once.warn(titleUnknown, fmt.Sprintf(
		"These arguments of the provider block are not known before apply: %s. Terraform signs the URL at apply instead. "+
			"OpenTofu needs it at plan and stops with an error. For OpenTofu, set them to values that are known at plan, or "+
			"create first what they depend on, with -target.",
		strings.Join(c.unknown, ", ")))
}

// CloseEphemeralResource warns if a URL has expired during the run, since a step that used it late
// has failed.
func (s *server) CloseEphemeralResource(
	ctx context.Context, req *tfprotov6.CloseEphemeralResourceRequest,
) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	if _, ok := s.ephemerals[req.TypeName]; !ok {
		return s.ProviderServer.CloseEphemeralResource(ctx, req)
	}
	var o opened
	resp := &tfprotov6.CloseEphemeralResourceResponse{}
	now := s.provider.environment.Now()
	if json.Unmarshal(req.Private, &o) == nil && !o.ExpiresAt.IsZero() && validity.Expired(now, o.ExpiresAt) {
		resp.Diagnostics = warningAt(titleExpired, fmt.Sprintf(
			"The URL of %s expired at %s, before this run ended at %s. Any request with it after that time fails. "+
				"Choose an expiry that covers the whole run, or open it later with depends_on.",
			req.TypeName, o.ExpiresAt.Format(time.RFC3339), now.UTC().Format(time.RFC3339))).protocol()
	}
	return resp, nil
}

// RenewEphemeralResource does nothing: a URL cannot be renewed without becoming another one.
func (s *server) RenewEphemeralResource(
	ctx context.Context, req *tfprotov6.RenewEphemeralResourceRequest,
) (*tfprotov6.RenewEphemeralResourceResponse, error) {
	if _, ok := s.ephemerals[req.TypeName]; !ok {
		return s.ProviderServer.RenewEphemeralResource(ctx, req)
	}
	return &tfprotov6.RenewEphemeralResourceResponse{Private: req.Private}, nil
}
