package credentials

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadFile(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	path := func(name, content string) string {
		path := filepath.Join(directory, name)
		writeFile(t, path, content, 0o600)
		return path
	}
	for name, content := range map[string]string{"some": "content", "none": "", "limit": strings.Repeat("a", maxFile)} {
		if got, err := readFile(path(name, content)); err != nil || string(got) != content {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	for words, path := range map[string]string{
		"larger than 1 MiB":   path("large", strings.Repeat("a", maxFile+1)),
		"does not exist":      filepath.Join(directory, "missing"),
		"not a regular file":  directory,
		"file does not exist": filepath.Join(directory, "missing", "deeper"),
	} {
		content, err := readFile(path)
		if err == nil || content != nil || !strings.Contains(fileFailure("file", err).Error(), words) {
			t.Errorf("%s: %q, %v", words, content, err)
		}
	}
	if words := fileFailure("file", os.ErrPermission).Error(); !strings.Contains(words, "permission denied") {
		t.Error(words)
	}
}

func utf16(text string, isLittle, mark bool) string {
	var b strings.Builder
	if mark {
		text = "\uFEFF" + text
	}
	for _, r := range text {
		high, low := byte(r>>8), byte(r)
		if isLittle {
			high, low = low, high
		}
		b.WriteByte(high)
		b.WriteByte(low)
	}
	return b.String()
}

// TestUTF16 gives every kind of file as the editors and shells of Windows write it.
func TestUTF16(t *testing.T) {
	t.Parallel()
	profile := cliConfig("p", `{"name":"p","mode":"AK","access_key_id":"AKID","access_key_secret":"hush"}`)
	ini := "[default]\ntype = access_key\naccess_key_id = AKID\naccess_key_secret = hush\n"
	for name, config := range map[string]struct {
		content string
		config  Config
	}{
		"profile": {profile, Config{SharedCredentialsFile: "/f"}},
		"ini":     {ini, Config{SharedCredentialsFile: "/f"}},
		"token": {
			oidcToken, Config{
				AssumeRoleWithOIDC: &AssumeRoleWithOIDC{RoleARN: roleARN, OIDCProviderARN: providerARN, OIDCTokenFile: "/f"},
			},
		},
	} {
		for _, isLittle := range []bool{true, false} {
			for _, mark := range []bool{true, false} {
				w := newWorld(t)
				w.files["/f"] = utf16(config.content, isLittle, mark)
				if _, err := w.get(config.config); err == nil || !strings.Contains(err.Error(), "is UTF-16. Save it as UTF-8") {
					t.Errorf("%s, little endian %t, mark %t: %v", name, isLittle, mark, err)
				}
			}
		}
		w := newWorld(t)
		w.sts.oidc[oidcToken] = true
		w.files["/f"] = "\uFEFF" + config.content
		if _, err := w.get(config.config); err != nil {
			t.Errorf("%s in UTF-8 with a mark: %v", name, err)
		}
	}
}
