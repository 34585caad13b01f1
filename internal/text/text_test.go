package text_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

func TestQuote(t *testing.T) {
	for value, want := range map[string]string{
		"":                      `""`,
		"24h":                   `"24h"`,
		"R&D/a b.pdf":           `"R&D/a b.pdf"`,
		"signature.txt":         `"signature.txt"`,
		"a\nb\x00\xff":          `"a\nb\x00\xff"`,
		"a?b":                   `"a"… (3 bytes)`,
		"https://h/k%3Fsecret":  `"https://h/k"… (20 bytes)`,
		"https://me:pw@h/k":     `"https:"… (17 bytes)`,
		"k&x-oss-signature=abc": `"k&"… (21 bytes)`,
		"X-OSS-Credential=LTAI": `""… (21 bytes)`,
		"k&Signature%3Dabc":     `"k&"… (17 bytes)`,
		"x-oss-signature-version=OSS4&x-oss-signature=ab": `""… (47 bytes)`,
		strings.Repeat("a", 80):                           `"` + strings.Repeat("a", 80) + `"`,
		strings.Repeat("a", 81):                           `"` + strings.Repeat("a", 80) + `"… (81 bytes)`,
		strings.Repeat("a", 79) + "é":                     `"` + strings.Repeat("a", 79) + `"… (81 bytes)`,
		strings.Repeat("\xff", 81):                        `"` + strings.Repeat(`\xff`, 80) + `"… (81 bytes)`,
	} {
		t.Run(value, func(t *testing.T) {
			if got := text.Quote(value); got != want {
				t.Errorf("Quote(%q) = %s, want %s", value, got, want)
			}
		})
	}
}

func TestSentence(t *testing.T) {
	for err, want := range map[string]string{
		"expiry must be between 1s and 7d": "expiry must be between 1s and 7d.",
		"access_key is empty":              "access_key is empty.",
		"the key is empty.":                "The key is empty.",
		"élan":                             "Élan.",
		"is it?":                           "Is it?",
		"":                                 ".",
	} {
		if got := text.Sentence(errors.New(err), "expiry"); got != want {
			t.Errorf("Sentence(%q) = %q, want %q", err, got, want)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{
		0: "0", 999: "999", 1000: "1,000", 100_000: "100,000", 1_234_567: "1,234,567", -999: "-999", -1000: "-1,000",
	} {
		if got := text.Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %s, want %s", n, got, want)
		}
	}
}
