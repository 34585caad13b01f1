package credentials

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

var (
	codePattern      = newPattern(`^[A-Za-z0-9._-]{1,100}$`)
	requestIDPattern = newPattern(`^[A-Za-z0-9-]{1,64}$`)
	// loginCodePattern is the form of a code that hardly any part of a token has.
	loginCodePattern = newPattern(`^[A-Za-z][A-Za-z_.]{2,59}$`)
)

// serviceError is the JSON of a service that refuses. The code of CloudSSO is ErrorCode, that of
// OAuth is error.
type serviceError struct {
	Code, Message    string
	ErrorCode, Error string
	RequestID        string `json:"RequestId"`
}

func serviceErrorOf(a *transport.Answer) serviceError {
	var r serviceError
	if json.Unmarshal([]byte(a.Body()), &r) != nil {
		return serviceError{}
	}
	return r
}

func isThrottled(a *transport.Answer) bool {
	return a.Status >= 400 && strings.HasPrefix(serviceErrorOf(a).Code, "Throttling")
}

// refused returns the error of an answer other than 200, with the service's words if they may be
// shown.
func (r request) refused(a *transport.Answer) error {
	if a.Status >= 300 && a.Status < 400 {
		err := fmt.Errorf("%s redirects (status %d), which is not followed", r.service, a.Status)
		if r.service == metadataService { // no argument sets its address
			return err
		}
		return advise("set the final address", err)
	}
	status := fmt.Sprintf("%s answered with status %d", r.service, a.Status)
	said := serviceErrorOf(a)
	code := showable(cmp.Or(said.Code, said.ErrorCode, said.Error), r.secrets)
	isSTS := r.action != "" // a login's message and code may repeat a part of its token
	if r.secrets == nil || !codePattern.MatchString(code) || !isSTS && !loginCodePattern.MatchString(code) {
		return errors.New(status)
	}
	details := "code " + code
	if message := showable(said.Message, r.secrets); message != "" && isSTS {
		details += fmt.Sprintf(", message %q", message)
	}
	if requestIDPattern.MatchString(said.RequestID) {
		details += ", request ID " + said.RequestID
	}
	return advise(hint(r.action, code, said.Message), fmt.Errorf("%s (%s)", status, details))
}

// showable returns a service's message, unless it repeats a secret, or the whole request as the
// string to sign.
func showable(message string, secrets []string) string {
	const limit = 300
	if strings.Contains(strings.ToLower(message), "string to sign") {
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

// hints are the ways out of a refusal of STS, by the beginning of its code, its action if there is
// one, and a part of its message in lower case. The first that fits counts. Codes: the error lists
// of STS AssumeRole and AssumeRoleWithOIDC, and Alibaba Cloud's common error codes.
var hints = []struct{ code, action, message, text string }{
	{"NoPermission", "", "root account", "the AccessKey is that of the account itself. " +
		"Use one of a RAM user or role that may call sts:AssumeRole"},
	{"NoPermission", actionOIDC, "", trustOIDC},
	{"NoPermission", "", "", "the caller needs a policy that allows sts:AssumeRole on the role, " +
		"and the role's trust policy must allow the caller"},
	{"InvalidParameter.DurationSeconds", "", "", "the session may not be longer than the role's MaxSessionDuration. " +
		"Set a shorter one, or raise that of the role"},
	{"InvalidParameter.RoleArn", "", "", "check the role's ARN"},
	{"EntityNotExist.Role", "", "", "the role does not exist. Check its ARN"},
	{"InvalidParameter.PolicyGrammar", "", "", "the policy is not a valid RAM policy"},
	{"InvalidParameter.PolicySize", "", "", "the policy is too long"},
	{"InvalidAccessKeyId.Inactive", "", "", "the AccessKey that is to assume the role is disabled"},
	{"InvalidAccessKeyId", "", "", "the AccessKey that is to assume the role does not exist, or its token is missing"},
	{"SignatureDoesNotMatch", "", "", "the secret does not belong to the AccessKey that is to assume the role"},
	{"IncompleteSignature", "", "", "the secret does not belong to the AccessKey that is to assume the role"},
	{"MissingSecurityToken", "", "", "the AccessKey that is to assume the role is a temporary one and needs its token"},
	{"InvalidSecurityToken", "", "", "the token of the credentials that are to assume the role has expired " +
		"or belongs to another key"},
	{"InvalidTimeStamp", "", "", "check this machine's clock"},
	{"AuthenticationFail.OIDCToken.Expired", "", "", "the OIDC token has expired. Request a new one just before the run"},
	{"AuthenticationFail.OIDCToken", "", "", "check that the token's issuer and audience are those of the OIDC provider " +
		"in RAM"},
	{"AuthenticationFail.NoPermission", "", "", trustOIDC},
	{"EntityNotExist.OIDCProvider", "", "", "the OIDC provider does not exist in RAM. Check its ARN"},
	{"Throttling", "", "", "the account sent too many requests. Try again later"},
}

func hint(action, code, message string) string {
	for _, h := range hints {
		if strings.HasPrefix(code, h.code) && strings.HasPrefix(action, h.action) &&
			strings.Contains(strings.ToLower(message), h.message) {
			return h.text
		}
	}
	return ""
}
