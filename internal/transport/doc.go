// Package transport sends requests for the other packages: it repeats requests that may succeed
// later, bounds the size of answers, and describes in fixed words why no answer came. It is not
// specific to any service.
//
// Requests and answers may be secret. No error of this package shows a URL, a header, or text that
// the other side sent.
package transport
