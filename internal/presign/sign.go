package presign

import (
	"fmt"
	"math"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

// Signed is the result of signing.
type Signed struct {
	// URLs are credentials, in the order of the objects.
	URLs []string
	// Headers are those that the holder must send exactly as given: lower-case names, without host.
	Headers map[string]string
}

// TooLargeError is the error for URLs that together have more bytes than allowed.
type TooLargeError struct {
	// Fit is how many of the objects' URLs fit.
	Fit int
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the URLs of the first %d objects fit", e.Fit)
}

// Sign signs the URLs of objects for a window. If they have more than limit bytes with their keys,
// the error is a *TooLargeError. Any other error is about a request or credentials that cannot be
// signed. No error contains a key or token.
func Sign(r signer.Request, objects []Object, w validity.Window, keys signer.Credentials, limit int) (Signed, error) {
	if len(objects) == 0 { // the headers do not depend on the object
		s, err := Sign(r, []Object{{Key: "-"}}, w, keys, math.MaxInt)
		return Signed{Headers: s.Headers}, err
	}
	s, size := Signed{URLs: make([]string, len(objects))}, 0
	r.Expires = w.Expires
	for i, o := range objects {
		var err error
		if s.URLs[i], s.Headers, err = signer.Presign(WithObject(r, o), keys, w.SigningTime); err != nil {
			return Signed{}, err
		}
		if size += len(s.URLs[i]) + len(o.Key) + stringHeads; size > limit {
			return Signed{}, &TooLargeError{Fit: i}
		}
	}
	return s, nil
}

// stringHeads is the most that a message contains beside the bytes of a key and a URL.
const stringHeads = 10
