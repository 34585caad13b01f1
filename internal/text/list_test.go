package text

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestList(t *testing.T) {
	var l List
	l.Add("good", nil)
	if l.Len() != 0 || l.String() != "" || l.Err(1, "x") != nil {
		t.Errorf("%v", l)
	}
	for i := range maxNamed + 1234 {
		l.Add(fmt.Sprintf("key %d", i), errors.New("is wrong"))
	}
	all := l.String()
	if l.Len() != maxNamed+1234 || strings.Count(all, "  - ") != maxNamed+1 || !strings.HasSuffix(all, "1,234 more") ||
		!strings.Contains(all, `"key 9"`) ||
		strings.Contains(all, "key 10") || all != l.String() {
		t.Errorf("%s", all)
	}
	exact := List{}
	for i := range maxNamed {
		exact.Add(fmt.Sprint(i), errors.New("is wrong"))
	}
	if strings.Contains(exact.String(), "more") {
		t.Errorf("%s", exact)
	}
}
