package osstest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// An Error is an answer of the service that refuses a request.
type Error struct {
	Status  int    // HTTP status
	Code    string // such as "SignatureDoesNotMatch"
	EC      string // such as "0002-00000201", empty if it is not known
	Message string

	elements []element   // further elements of the body, in order
	header   http.Header // further headers, may be nil
}

// Error returns status, code, EC and message. Like the message, it contains nothing of the request.
func (e *Error) Error() string {
	if e.EC == "" {
		return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message)
	}
	return fmt.Sprintf("%d %s (EC %s): %s", e.Status, e.Code, e.EC, e.Message)
}

// Element returns the text of a further element of the XML body, such as "CanonicalRequest", or ""
// if there is none. These may contain the whole query, as the service's do.
func (e *Error) Element(name string) string {
	for _, x := range e.elements {
		if x.name == name {
			return x.value
		}
	}
	return ""
}

// An element is one element of an error's XML body: text, or further elements.
type element struct {
	name, value string
	children    []element
}

func newError(status int, code, ec, message string, elements ...element) *Error {
	return &Error{Status: status, Code: code, EC: ec, Message: message, elements: elements}
}

func invalidArgument(ec, message string, elements ...element) *Error {
	return newError(http.StatusBadRequest, "InvalidArgument", ec, message, elements...)
}

func forbidden(code, ec, message string, elements ...element) *Error {
	return newError(http.StatusForbidden, code, ec, message, elements...)
}

func accessDenied(ec, message string, elements ...element) *Error {
	return forbidden("AccessDenied", ec, message, elements...)
}

// invalidURI refuses what is no URI. [?] The service's answer is not known.
func invalidURI(message string) *Error {
	return newError(http.StatusBadRequest, "InvalidURI", "", "Couldn't parse the specified URI: "+message+".")
}

// notImplemented is the answer to requests that the stand-in does not model. The service would
// answer otherwise.
func notImplemented(what string) *Error {
	return newError(http.StatusNotImplemented, "NotImplemented", "", "The stand-in does not implement "+what+".")
}

// unknownHost refuses a host that is neither the service's nor bound to a bucket. The service's own
// hosts would not resolve. Its answer for a custom domain that is not bound is not established [?],
// so the status is one that the service does not use.
func unknownHost() *Error {
	return newError(http.StatusMisdirectedRequest, "UnknownHost", "",
		"The stand-in knows no service host and no bound domain of this name.")
}

// secondLevelDomainForbidden refuses path style on a service host. [?] status and EC
func secondLevelDomainForbidden() *Error {
	return forbidden("SecondLevelDomainForbidden", "", "Please use virtual hosted style to access.")
}

func invalidBucketName(name string) *Error {
	return newError(http.StatusBadRequest, "InvalidBucketName", "0015-00000001", "The specified bucket is not valid.",
		element{name: "BucketName", value: name})
}

func noSuchBucket(name string) *Error {
	return newError(http.StatusNotFound, "NoSuchBucket", "0015-00000101", "The specified bucket does not exist.",
		element{name: "BucketName", value: name})
}

func wrongEndpoint(bucket, endpoint string) *Error {
	return accessDenied("0003-00001403",
		"The bucket you are attempting to access must be addressed using the specified endpoint. "+
			"Please send all future requests to this endpoint.",
		element{name: "Bucket", value: bucket}, element{name: "Endpoint", value: endpoint})
}

// anonymousDenied is the answer to a request without any signature. Every bucket here is private.
func anonymousDenied() *Error {
	return accessDenied("0003-00000001", "You have no right to access this object because of bucket acl.")
}

func invalidAccessKeyID(id, message string) *Error {
	return forbidden("InvalidAccessKeyId", "0002-00000902", message, element{name: "OSSAccessKeyId", value: id})
}

// signatureDoesNotMatch contains what the server signed. CanonicalRequest and StringToSign are
// known from a logged answer. The other elements are those of V1 [?].
func signatureDoesNotMatch(g *grant) *Error {
	return forbidden("SignatureDoesNotMatch", "0002-00000201",
		"The request signature we calculated does not match the signature you provided. Check your key and signing method.",
		element{name: "OSSAccessKeyId", value: g.claim.accessKeyID},
		element{name: "SignatureProvided", value: g.claim.signature},
		element{name: "StringToSign", value: g.toSign},
		element{name: "StringToSignBytes", value: hexBytes(g.toSign)},
		element{name: "CanonicalRequest", value: g.canonical},
		element{name: "CanonicalRequestBytes", value: hexBytes(g.canonical)})
}

// deniedByRAM answers for a RAM policy that denies. The message is the one that the service's own
// page shows for this EC.
func deniedByRAM(accessKeyID string) *Error {
	return accessDenied("0003-00000201", "Access denied by bucket policy.",
		element{name: "AccessDeniedDetail", children: []element{
			{name: "PolicyType", value: "AccountLevelIdentityBasedPolicy"},
			{name: "AuthPrincipalType", value: "SubUser"},
			{name: "AuthPrincipalDisplayName", value: accessKeyID},
			{name: "NoPermissionType", value: "ExplicitDeny"},
		}})
}

func noSuchKey(key string) *Error {
	return newError(http.StatusNotFound, "NoSuchKey", "0026-00000001", "The specified key does not exist.",
		element{name: "Key", value: key})
}

// noSuchVersion answers for a version that is not there. [?] status, and whether GET shares
// NoSuchKey's EC
func noSuchVersion(key, id string) *Error {
	return newError(http.StatusNotFound, "NoSuchVersion", "0026-00000001", "The specified version does not exist.",
		element{name: "Key", value: key}, element{name: "VersionId", value: id})
}

func methodNotAllowed(method, resource string) *Error {
	return newError(http.StatusMethodNotAllowed, "MethodNotAllowed", "",
		"The specified method is not allowed against this resource.",
		element{name: "Method", value: method}, element{name: "ResourceType", value: resource})
}

func preconditionFailed(condition string) *Error {
	return newError(http.StatusPreconditionFailed, "PreconditionFailed", "",
		// [?] body
		"At least one of the pre-conditions you specified did not hold.", element{name: "Condition", value: condition})
}

// hexBytes writes bytes as upper-case hex with blanks between, as in StringToSignBytes.
func hexBytes(s string) string { return fmt.Sprintf("% X", s) }

// xmlTime formats an instant for XML bodies.
func xmlTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// xml is the error's body. EC and RecommendDoc are its last elements if the EC is known.
func (e *Error) xml(requestID, host string) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error>\n")
	writeElements(&b, "  ", []element{
		{name: "Code", value: e.Code},
		{name: "Message", value: e.Message},
		{name: "RequestId", value: requestID},
		{name: "HostId", value: host},
	})
	writeElements(&b, "  ", e.elements)
	if e.EC != "" {
		writeElements(&b, "  ", []element{
			{name: "EC", value: e.EC}, {name: "RecommendDoc", value: "https://api.aliyun.com/troubleshoot?q=" + e.EC},
		})
	}
	b.WriteString("</Error>\n")
	return []byte(b.String())
}
