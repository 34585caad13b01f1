package credentials

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/text"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// role is a role to assume.
type role struct {
	arn, session, policy, externalID string
	// seconds is the session's length, 0 for DefaultSessionSeconds.
	seconds int64
	// host is that of STS, perhaps with a port.
	host string
	// arnFrom, sessionFrom and secondsFrom are the origins of these fields, for errors: an argument, a
	// variable or a field of a profile.
	arnFrom, sessionFrom, secondsFrom string
}

func (r role) on(base Credentials) string {
	return fmt.Sprintf("role %s, assumed with %s", r.arn, base.Source)
}

// check returns an error for values that STS would refuse and that [Check] has not seen.
func (r role) check() error {
	return cmp.Or(roleARNRule.check(r.arnFrom, r.arn), sessionNameRule.check(r.sessionFrom, r.session),
		checkDuration(r.secondsFrom, r.seconds), checkPolicy(r.policy), checkExternalID(r.externalID))
}

// notAssumed returns the beginning of a sentence about the role.
func (r role) notAssumed() string {
	return fmt.Sprintf("role %s, which %s asks for, was not assumed", r.arn, r.arnFrom)
}

// form returns the parameters that both ways to assume a role have in common.
func (r role) form() map[string]string {
	form := map[string]string{
		"RoleArn":         r.arn,
		"RoleSessionName": cmp.Or(r.session, "terraform"), // the default of the alicloud provider
		"DurationSeconds": strconv.FormatInt(r.length(), 10),
	}
	if r.policy != "" {
		form["Policy"] = r.policy
	}
	return form
}

func (r role) length() int64 { return cmp.Or(r.seconds, DefaultSessionSeconds) }

// assume requests a session of the role from STS, signed with base.
func (f finder) assume(ctx context.Context, base Credentials, r role) (Credentials, error) {
	if base.endsBy(f.environment.Now().Add(endMargin)) {
		return Credentials{}, fmt.Errorf("the credentials that are to assume it expire at %s",
			base.Expires.UTC().Format(time.RFC3339))
	}
	form := r.form()
	if r.externalID != "" {
		form["ExternalId"] = r.externalID
	}
	query := func(now time.Time) map[string]string {
		query := stsQuery("AssumeRole", now)
		query["SignatureMethod"] = "HMAC-SHA1"
		query["SignatureVersion"] = "1.0"
		query["SignatureNonce"] = rand.Text()
		query["AccessKeyId"] = base.AccessKeyID()
		if token := base.SecurityToken(); token != "" {
			query["SecurityToken"] = token
		}
		query["Signature"] = signRPC(http.MethodPost, base.AccessKeySecret(), query, form)
		return query
	}
	return f.requestSTS(ctx, r, r.on(base), query, form, base.AccessKeySecret(), base.SecurityToken())
}

func stsQuery(action string, now time.Time) map[string]string {
	return map[string]string{
		"Action":    action,
		"Version":   "2015-04-01",
		"Format":    "JSON",
		"Timestamp": now.UTC().Format("2006-01-02T15:04:05Z"),
	}
}

// requestSTS sends an action and returns the session that it answers with, as credentials from
// source. secrets are the values that no error may show.
func (f finder) requestSTS(
	ctx context.Context, r role, source string, query func(time.Time) map[string]string, form map[string]string,
	secrets ...string,
) (Credentials, error) {
	var asked time.Time
	var action string
	a, err := f.exchange(ctx, transport.Exchange{
		New: func(ctx context.Context) (*http.Request, error) {
			asked = f.environment.Now()
			parameters := query(asked)
			action = parameters["Action"]
			address := "https://" + r.host + "/?" + encode(parameters)
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(encode(form)))
			if err != nil {
				return nil, fmt.Errorf("%s is not a host of STS", text.Quote(r.host))
			}
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.Header.Set("Accept", "application/json")
			return request, nil
		},
		Again: func(a *transport.Answer) bool {
			return a.Status >= 400 && strings.HasPrefix(refusalOf([]byte(a.Body())).Code, "Throttling")
		},
	})
	if err != nil {
		return Credentials{}, stsUnreachable(r.host, err)
	}
	if a.Status != http.StatusOK {
		return Credentials{}, refused(action, r.host, a, secrets)
	}
	var session struct {
		Credentials struct {
			AccessKeyID     string `json:"AccessKeyId"`
			AccessKeySecret string
			SecurityToken   string
			Expiration      json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(a.Body()), &session); err != nil {
		return Credentials{}, fmt.Errorf("%s answered something other than a session", r.host)
	}
	c := session.Credentials
	expires, err := parseEnd(c.Expiration)
	if err != nil {
		return Credentials{}, fmt.Errorf("%s: %w", r.host, err)
	}
	if expires.IsZero() {
		expires = asked.Add(time.Duration(r.length()) * time.Second)
	}
	found, err := issued(source, c.AccessKeyID, c.AccessKeySecret, c.SecurityToken, expires)
	if err != nil {
		return Credentials{}, fmt.Errorf("%s: %w", r.host, err)
	}
	found.LengthArgument = r.secondsFrom
	return found, nil
}

func stsUnreachable(host string, err error) error {
	var fault *transport.Error
	if !errors.As(err, &fault) || fault.Connected() {
		return fmt.Errorf("STS at %s: %w", host, err)
	}
	return advise("if the region has no such host, or it cannot be reached from here, name another with sts_endpoint or "+
		"ALIBABA_CLOUD_STS_ENDPOINT: sts.aliyuncs.com serves all regions, sts-vpc.<region>.aliyuncs.com a VPC",
		fmt.Errorf("STS at %s: %w", host, err))
}

// signRPC returns the signature of Alibaba Cloud's RPC style, version 1.0: HMAC-SHA1 over the
// method, the path / and all parameters of query and form, sorted by name.
func signRPC(method, secret string, query, form map[string]string) string {
	all := make(map[string]string, len(query)+len(form))
	for _, parameters := range []map[string]string{query, form} {
		for name, value := range parameters {
			all[name] = value
		}
	}
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(method + "&%2F&" + escape(encode(all))))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// encode writes parameters sorted by name, each percent-encoded.
func encode(parameters map[string]string) string {
	names := make([]string, 0, len(parameters))
	for name := range parameters {
		names = append(names, name)
	}
	sort.Strings(names)
	pairs := make([]string, len(names))
	for i, name := range names {
		pairs[i] = escape(name) + "=" + escape(parameters[name])
	}
	return strings.Join(pairs, "&")
}

// escape percent-encodes all but the unreserved characters of RFC 3986.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// noRegion is the prefix of ids for buckets without region, as in rg-china-mainland, which has no
// STS of its own.
const noRegion = "rg-"

// stsHost returns the host of STS for a role of profile p, in the order of the package's
// documentation.
func (f finder) stsHost(p profile) (string, error) {
	e := f.environment
	const endpointVariable, regionVariable = "ALIBABA_CLOUD_STS_ENDPOINT", "ALIBABA_CLOUD_STS_REGION"
	for _, one := range []struct{ name, endpoint string }{
		{"sts_endpoint", f.config.STSEndpoint},
		{endpointVariable, e.variable(endpointVariable)},
		{"sts_endpoint", p.STSEndpoint},
	} {
		if one.endpoint != "" {
			return parseSTSEndpoint(one.name, one.endpoint)
		}
	}
	host := "sts."
	if p.EnableVPC || e.enabled("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") {
		host = "sts-vpc."
	}
	for _, one := range []struct{ name, region string }{
		{regionVariable, e.variable(regionVariable)},
		{"sts_region", p.STSRegion},
		{"region", f.config.Region},
		{"region_id", p.RegionID},
	} {
		switch {
		case one.region == "" || strings.HasPrefix(one.region, noRegion):
		case !isRegion(one.region):
			return "", regionRule.check(one.name, one.region)
		default:
			return host + one.region + ".aliyuncs.com", nil
		}
	}
	return "sts.aliyuncs.com", nil
}

// parseSTSEndpoint returns the host and port of an endpoint, with or without https:// before it.
func parseSTSEndpoint(name, endpoint string) (string, error) {
	host := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(endpoint), "https://"), "/")
	u, err := url.Parse("https://" + host)
	if err != nil || u.Host != host || u.Hostname() == "" ||
		net.ParseIP(u.Hostname()) == nil && !hostPattern.MatchString(u.Hostname()) {
		return "", fmt.Errorf("%s is not the host of an STS endpoint such as sts.cn-hangzhou.aliyuncs.com (https only)", name)
	}
	return host, nil
}

var hostPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)
