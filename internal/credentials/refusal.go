package credentials

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// refusal is the JSON of an Alibaba Cloud service that refuses.
type refusal struct {
	Code, Message, RequestID string
}

var (
	codePattern      = newPattern(`^[A-Za-z0-9._-]{1,100}$`)
	requestIDPattern = newPattern(`^[A-Za-z0-9-]{1,64}$`)
)

// refusalOf reads a refusal. Fields that are missing, or not of their form, are empty.
func refusalOf(body []byte) refusal {
	var raw struct {
		Code      string
		Message   string
		RequestID string `json:"RequestId"`
	}
	if json.Unmarshal(body, &raw) != nil || !codePattern.MatchString(raw.Code) {
		return refusal{}
	}
	r := refusal{Code: raw.Code, Message: raw.Message}
	if requestIDPattern.MatchString(raw.RequestID) {
		r.RequestID = raw.RequestID
	}
	return r
}

// refused makes the error of an answer other than 200.
func refused(action, host string, a *transport.Answer, secrets []string) error {
	r := refusalOf([]byte(a.Body()))
	return &ServiceError{
		Action: action, Host: host, Status: a.Status,
		Code: r.Code, Message: showable(r.Message, secrets), RequestID: r.RequestID,
		Hint: hint(action, r),
	}
}

// showable returns a service's message if it may be shown. It is empty if the message repeats the
// string to sign, which contains the whole request, or a secret.
func showable(message string, secrets []string) string {
	const limit = 300
	if at := strings.Index(strings.ToLower(message), "string to sign"); at >= 0 {
		return ""
	}
	for _, secret := range secrets {
		// The parts of a JSON Web Token are secrets of their own.
		for _, part := range append(strings.Split(secret, "."), secret) {
			if len(part) < 6 {
				continue
			}
			for range 3 {
				if strings.Contains(message, part) {
					return ""
				}
				part = url.QueryEscape(part)
			}
		}
	}
	message = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, message)
	if runes := []rune(message); len(runes) > limit {
		message = string(runes[:limit]) + "…"
	}
	return message
}

const trustOIDC = "the role's trust policy must allow the OIDC provider, with the token's issuer, audience and subject"

// hints by the beginning of a code. Codes: the error lists of STS AssumeRole and
// AssumeRoleWithOIDC, and Alibaba Cloud's common error codes.
var hints = []struct{ code, text string }{
	{"InvalidParameter.DurationSeconds", "the session may not be longer than the role's MaxSessionDuration: " +
		"ask for a shorter one, or raise that of the role"},
	{"InvalidParameter.RoleArn", "check the role's ARN"},
	{"EntityNotExist.Role", "the role does not exist: check its ARN"},
	{"InvalidParameter.PolicyGrammar", "the policy is not a valid RAM policy"},
	{"InvalidParameter.PolicySize", "the policy is too long"},
	{"InvalidAccessKeyId.Inactive", "the AccessKey that is to assume the role is disabled"},
	{"InvalidAccessKeyId", "the AccessKey that is to assume the role does not exist, or its token is missing"},
	{"SignatureDoesNotMatch", "the secret does not belong to the AccessKey that is to assume the role"},
	{"IncompleteSignature", "the secret does not belong to the AccessKey that is to assume the role"},
	{"MissingSecurityToken", "the AccessKey that is to assume the role is a temporary one and needs its token"},
	{"InvalidSecurityToken", "the token of the credentials that are to assume the role has expired " +
		"or belongs to another key"},
	{"InvalidTimeStamp", "check this machine's clock"},
	{"AuthenticationFail.OIDCToken.Expired", "the OIDC token has expired: fetch a new one just before the run"},
	{"AuthenticationFail.OIDCToken", "check that the token's issuer and audience are those of the OIDC provider in RAM"},
	{"AuthenticationFail.NoPermission", trustOIDC},
	{"EntityNotExist.OIDCProvider", "the OIDC provider does not exist in RAM: check its ARN"},
	{"Throttling", "too many requests of this account: try again later"},
}

func hint(action string, r refusal) string {
	if r.Code == "NoPermission" || strings.HasPrefix(r.Code, "NoPermission.") {
		switch {
		case strings.Contains(strings.ToLower(r.Message), "root account"):
			return "the AccessKey is that of the account itself: use one of a RAM user or role that may call sts:AssumeRole"
		case action == actionOIDC:
			return trustOIDC
		}
		return "the caller needs a policy that allows sts:AssumeRole on the role, " +
			"and the role's trust policy must allow the caller"
	}
	for _, h := range hints {
		if strings.HasPrefix(r.Code, h.code) {
			return h.text
		}
	}
	return ""
}
