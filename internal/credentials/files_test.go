package credentials

import (
	"os"
	"testing"
)

func writeFile(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// checkFile checks that a file is as it was written.
func checkFile(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	now, err := os.ReadFile(path)
	if err != nil || string(now) != content {
		t.Errorf("%s has changed to %q (%v)", path, now, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != mode {
		t.Errorf("%s has mode %v (%v), want %v", path, info.Mode(), err, mode)
	}
}
