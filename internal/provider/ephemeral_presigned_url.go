package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

func newEphemeralPresignedURL() *form {
	return newForm("Creates a presigned URL that is never stored in state or plan, for write-only arguments, "+
		"provisioners and provider blocks. A new URL is signed at every plan and apply. Requires Terraform 1.10 or "+
		"OpenTofu 1.11.",
		(*client).openOne,
		[]attributes{urlAttributes, objectAttributes, verifyAttributes, notAfterAttribute},
		checkVerify)
}

func newEphemeralPresignedURLs() *form {
	return newForm("Creates presigned URLs for many objects of one bucket that are never stored in state or plan. All "+
		"are signed at the same time, again at every plan and apply. Requires Terraform 1.10 or OpenTofu 1.11.",
		(*client).readMany,
		[]attributes{urlAttributes, notAfterAttribute, manyAttributes, prefixAttributes},
		checkPrefix, checkMany)
}

// openOne signs the URL of an ephemeral resource. An object that the same run uploads does not
// exist at plan, and a reference or depends_on does not make the CLI wait for it, as with a data
// source.
func (c *client) openOne(ctx context.Context, s *signing) (values, faults) {
	results, found := c.readOne(ctx, s)
	asking := slices.DeleteFunc([]string{"verify", "pin_version"}, func(name string) bool { return !s.config.flag(name) })
	for i, one := range found {
		if one.title == titleNoObject || one.title == titleNoBucket {
			found[i].detail += fmt.Sprintf("\n\nTerraform opens an ephemeral resource at plan too. If this run creates the "+
				"object, set %s = terraform.applying. You can also take key from an attribute that is not known at plan.",
				strings.Join(asking, " = terraform.applying and "))
		}
	}
	return results, found
}

func (s *server) ValidateEphemeralResourceConfig(
	_ context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest,
) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	diagnostics, err := s.ephemerals[req.TypeName].validate(req.Config)
	return &tfprotov6.ValidateEphemeralResourceConfigResponse{Diagnostics: diagnostics}, err
}

// OpenEphemeralResource signs, and keeps when the URLs expire as private data. If the provider block
// is not known before apply, the result is not known either, and Terraform opens it again at apply.
// OpenTofu (1.12) does not accept an unknown result, and shows the warning beside its error.
func (s *server) OpenEphemeralResource(
	ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	resp, end, err := s.open(ctx, s.ephemerals[req.TypeName], req.Config, true)
	switch {
	case resp.Deferred != nil && (req.ClientCapabilities == nil || !req.ClientCapabilities.DeferralAllowed):
		c := s.provider.client.Load()
		resp.Deferred = nil
		resp.Diagnostics = c.once.warn(titleUnknown, fmt.Sprintf("These arguments of the provider block are not known "+
			"before apply: %s. Terraform signs the URL at apply instead. OpenTofu needs it at plan and stops with an error. "+
			"For OpenTofu, set them to values that are known at plan, or create first what they depend on, with -target.",
			strings.Join(c.unknown, ", "))).protocol()
	case err == nil && !end.IsZero():
		resp.Private, err = end.MarshalText()
	}
	return resp, err
}

// CloseEphemeralResource warns of a URL that expired during the run, as a late step has failed.
func (s *server) CloseEphemeralResource(
	_ context.Context, req *tfprotov6.CloseEphemeralResourceRequest,
) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	var end time.Time
	resp := &tfprotov6.CloseEphemeralResourceResponse{}
	now := s.provider.environment.Now()
	if end.UnmarshalText(req.Private) == nil && validity.Expired(now, end) {
		resp.Diagnostics = warningAt(titleExpired, fmt.Sprintf(
			"The URL of %s expired at %s, before this run ended at %s. Any request with it after that time fails. "+
				"Choose an expiry that covers the whole run, or open it later with depends_on.",
			req.TypeName, end.Format(time.RFC3339), now.UTC().Format(time.RFC3339))).protocol()
	}
	return resp, nil
}
