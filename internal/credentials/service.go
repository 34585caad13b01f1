package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

const (
	// maxTries is how often a request is sent before its failure is final.
	maxTries = 3
	// firstPause is the pause before the second try. Each further one is twice as long.
	firstPause = 200 * time.Millisecond
	// serviceLimit is how long one source waits for services: for all requests, tries and pauses
	// together.
	serviceLimit = 10 * time.Second
	// metadataTimeout is that of one request to the metadata service, metadataLimit that of all of
	// them: a machine outside Alibaba Cloud does not wait longer.
	metadataTimeout = 1500 * time.Millisecond
	metadataLimit   = 4500 * time.Millisecond

	jsonType = "application/json"
)

// request is a request to a service for keys.
type request struct {
	// service is the service's name in errors, as in "STS at sts.aliyuncs.com".
	service string
	// action is that of STS, empty for other services.
	action string
	method string
	// address returns the URL of one try, so that a nonce or a time stamp is never sent twice.
	address func() string
	header  map[string]string
	body    string
	// within is the field of the answer that contains the keys. If the answer lacks it, the keys are
	// at its top.
	within string
	// secrets are those in the request. If there are none, errors show nothing of a refusal but its
	// status.
	secrets []string
}

// issue sends a request, and returns the answer's keys as credentials from source.
func (f finder) issue(ctx context.Context, r request, source string) (Credentials, error) {
	a, err := f.exchange(ctx, r)
	if err != nil {
		return Credentials{}, err
	}
	return r.read(a, source)
}

// exchange sends a request until it is answered, within what is left of the source's time. A
// request to the metadata service is not repeated if the connection fails: outside Alibaba Cloud
// there is no such service. No error shows the address.
func (f finder) exchange(ctx context.Context, r request) (*transport.Answer, error) {
	isMetadata := r.service == metadataService
	carrier, try, limit := f.environment.Transport, serviceLimit, serviceLimit
	if isMetadata {
		carrier, try, limit = f.environment.MetadataTransport, metadataTimeout, metadataLimit
	}
	left := limit - *f.waited
	client := transport.Client{
		Transport: carrier, Sleep: f.environment.Sleep,
		Limits: transport.Limits{Tries: maxTries, Pause: firstPause, Try: try, All: left},
	}
	begin := f.environment.Now()
	a, err := client.Do(ctx, transport.Exchange{New: r.build, Again: isThrottled, Once: isMetadata})
	*f.waited += f.environment.Now().Sub(begin)
	fault, ok := errors.AsType[*transport.Error](err)
	switch {
	case err == nil && a.Truncated:
		err = fmt.Errorf("the answer is larger than %d MiB", transport.MaxBody>>20)
	case left <= 0, ok && fault.Kind == transport.NoAnswer && *f.waited >= limit:
		err = &transport.Error{Kind: transport.NoAnswer, After: limit}
	}
	if err != nil {
		return nil, fmt.Errorf("the request to %s failed, because %w", r.service, err)
	}
	return a, nil
}

// build returns the request of one try.
func (r request) build(ctx context.Context) (*http.Request, error) {
	made, err := http.NewRequestWithContext(ctx, r.method, r.address(), strings.NewReader(r.body))
	if err != nil {
		return nil, errors.New("its address is not a URL") // the error of net/http shows the address
	}
	for name, value := range r.header {
		made.Header.Set(name, value)
	}
	if password, ok := made.URL.User.Password(); ok || made.URL.User.Username() != "" {
		made.SetBasicAuth(made.URL.User.Username(), password)
	}
	return made, nil
}

// isUnreachable reports whether there was no connection at all.
func isUnreachable(err error) bool {
	fault, ok := errors.AsType[*transport.Error](err)
	return ok && !fault.Connected()
}

// read returns the keys of an answer, as credentials from source.
func (r request) read(a *transport.Answer, source string) (found Credentials, err error) {
	if a.Status != http.StatusOK {
		return Credentials{}, r.refused(a)
	}
	var keys struct {
		Code            string
		AccessKeyID     string `json:"AccessKeyId"`
		AccessKeySecret string
		SecurityToken   string
		Expiration      json.RawMessage
	}
	var fields map[string]json.RawMessage
	body := []byte(a.Body())
	if err = json.Unmarshal(body, &fields); err == nil {
		if inner, ok := fields[r.within]; ok {
			body = inner
		}
		err = json.Unmarshal(body, &keys)
	}
	switch {
	case err != nil:
		return Credentials{}, fmt.Errorf("%s answered something other than credentials in JSON", r.service)
	case keys.Code != "" && keys.Code != "Success" && codePattern.MatchString(keys.Code):
		return Credentials{}, fmt.Errorf("%s answered with the code %s", r.service, keys.Code)
	case keys.Code != "" && keys.Code != "Success":
		return Credentials{}, fmt.Errorf("%s answered with a code other than Success", r.service)
	case keys.AccessKeyID == "" || keys.AccessKeySecret == "" || keys.SecurityToken == "":
		return Credentials{}, fmt.Errorf("%s answered, but the answer lacks AccessKeyId, AccessKeySecret or SecurityToken",
			r.service)
	}
	end, err := parseEnd(keys.Expiration)
	if err == nil {
		found, err = static(source, partNames, [3]string{keys.AccessKeyID, keys.AccessKeySecret, keys.SecurityToken})
	}
	if err != nil {
		return Credentials{}, fmt.Errorf("%s answered, but %w", r.service, err)
	}
	found.Expires = end
	return found, nil
}
