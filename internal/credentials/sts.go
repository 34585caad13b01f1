package credentials

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// role is a role to assume.
type role struct {
	arn, session       setting
	policy, externalID string
	seconds            int64  // the session's length, 0 for defaultSessionSeconds
	secondsFrom        string // its origin, as that of a setting
	host               string // that of STS, perhaps with a port
}

// oidcRole is a role that an OIDC token assumes: token or, if that is empty, the content of file.
type oidcRole struct {
	role
	provider setting // the ARN of the OIDC provider
	token    Secret
	file     string
}

// check returns an error for values that STS would refuse and that [Check] has not seen.
func (r role) check() error {
	return cmp.Or(roleARNRule.check(r.arn), sessionNameRule.check(r.session), checkDuration(r.secondsFrom, r.seconds),
		policyRule.check(setting{r.policy, "policy"}), externalIDRule.check(setting{r.externalID, "external_id"}))
}

func (r role) notAssumed() string {
	return fmt.Sprintf("role %s, which %s asks for, was not assumed", r.arn.value, r.arn.from)
}

func (f finder) assume(ctx context.Context, base Credentials, r role) (Credentials, error) {
	if err := f.environment.checkExpiry(base); err != nil {
		return Credentials{}, err
	}
	form := url.Values{}
	if r.externalID != "" {
		form.Set("ExternalId", r.externalID)
	}
	return f.requestSTS(ctx, base, r, form, fmt.Sprintf("role %s, assumed with %s", r.arn.value, base.Source))
}

const actionOIDC = "AssumeRoleWithOIDC"

// requestSTS requests a session of the role, signed with base unless that is zero. form has the
// parameters of one action only.
func (f finder) requestSTS(
	ctx context.Context, base Credentials, r role, form url.Values, source string,
) (Credentials, error) {
	action := "AssumeRole"
	if base.IsZero() {
		action = actionOIDC
	}
	seconds := cmp.Or(r.seconds, defaultSessionSeconds)
	form.Set("RoleArn", r.arn.value)
	form.Set("RoleSessionName", cmp.Or(r.session.value, "terraform")) // the default of the alicloud provider
	form.Set("DurationSeconds", strconv.FormatInt(seconds, 10))
	if r.policy != "" {
		form.Set("Policy", r.policy)
	}
	var requested time.Time
	found, err := f.issue(ctx, request{
		service: "STS at " + r.host, action: action, method: http.MethodPost, within: "Credentials",
		secrets: []string{base.AccessKeySecret(), base.SecurityToken(), form.Get("OIDCToken")},
		header:  map[string]string{"Accept": jsonType, "Content-Type": "application/x-www-form-urlencoded"},
		body:    encode(form),
		address: func() string {
			requested = f.environment.Now()
			query := url.Values{
				"Action": {action}, "Version": {"2015-04-01"}, "Format": {"JSON"},
				"Timestamp": {requested.UTC().Format("2006-01-02T15:04:05Z")},
			}
			if !base.IsZero() {
				sign(query, form, base)
			}
			return "https://" + r.host + "/?" + encode(query)
		},
	}, source)
	switch {
	case isUnreachable(err):
		return Credentials{}, advise("if the region has no such host, or it cannot be reached from here, set another with "+
			"sts_endpoint or ALIBABA_CLOUD_STS_ENDPOINT. sts.aliyuncs.com serves all regions, "+
			"sts-vpc.<region>.aliyuncs.com a VPC", err)
	case err != nil:
		return Credentials{}, err
	case found.Expires.IsZero():
		found.Expires = requested.Add(time.Duration(seconds) * time.Second)
	}
	found.LengthArgument = r.secondsFrom
	return found, nil
}

func sign(query, form url.Values, keys Credentials) {
	query.Set("SignatureMethod", "HMAC-SHA1")
	query.Set("SignatureVersion", "1.0")
	query.Set("SignatureNonce", rand.Text())
	query.Set("AccessKeyId", keys.AccessKeyID())
	if token := keys.SecurityToken(); token != "" {
		query.Set("SecurityToken", token)
	}
	query.Set("Signature", signRPC(http.MethodPost, keys.AccessKeySecret(), query, form))
}

// signRPC returns the signature of Alibaba Cloud's RPC style, version 1.0: HMAC-SHA1 over the
// method, the path / and all parameters of query and form, sorted by name.
func signRPC(method, secret string, query, form url.Values) string {
	all := maps.Clone(query)
	maps.Copy(all, form)
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(method + "&%2F&" + url.QueryEscape(encode(all))))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// encode writes parameters sorted by name, each percent-encoded.
func encode(parameters url.Values) string { return strings.ReplaceAll(parameters.Encode(), "+", "%20") }

// noRegion begins IDs for buckets without region, such as rg-china-mainland.
const noRegion = "rg-"

// hostOfSTS returns the host of STS for a role of profile p, as the package's documentation has it.
func (f finder) hostOfSTS(p profile) (string, error) {
	e := f.environment
	endpoint := e.or(setting{f.config.STSEndpoint, "sts_endpoint"}, "ALIBABA_CLOUD_STS_ENDPOINT")
	if endpoint.value == "" {
		endpoint = setting{p.STSEndpoint, "sts_endpoint"}
	}
	if endpoint.value != "" {
		return stsHost(endpoint.value), stsRule.check(endpoint)
	}
	host := "sts."
	if p.EnableVPC || e.enabled("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") {
		host = "sts-vpc."
	}
	for _, region := range []setting{
		e.first("ALIBABA_CLOUD_STS_REGION"),
		{p.STSRegion, "sts_region"},
		{f.config.Region, "region"},
		{p.RegionID, "region_id"},
	} {
		if region.value != "" && !strings.HasPrefix(region.value, noRegion) {
			return host + region.value + ".aliyuncs.com", regionRule.check(region)
		}
	}
	return "sts.aliyuncs.com", nil
}
