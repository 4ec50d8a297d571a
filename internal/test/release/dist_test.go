//go:build linux

package release_test

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/test/need"
)

// TestTheArchivesHoldTheProgramsAndTheChecksumsFit builds two of the platforms: each costs minutes.
func TestTheArchivesHoldTheProgramsAndTheChecksumsFit(t *testing.T) {
	t.Parallel()
	need.Heavy(t)
	platforms := []string{"linux/amd64", "windows/arm64"}
	out := t.TempDir()
	command := exec.Command("build/dist.sh", out)
	command.Env = append(os.Environ(), "VERSION=v0", "PLATFORMS="+strings.Join(platforms, " "))
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	sums, err := os.ReadFile(filepath.Join(out, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	for _, platform := range platforms {
		name := "iade_v0_" + strings.ReplaceAll(platform, "/", "_")
		archive, err := os.ReadFile(filepath.Join(out, name+".tar.gz"))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(archive)
		if !strings.Contains(string(sums), hex.EncodeToString(sum[:])+"  "+name+".tar.gz\n") {
			t.Errorf("%s has another checksum than SHA256SUMS says:\n%s", name, sums)
		}
		suffix := map[bool]string{true: ".exe"}[strings.HasPrefix(platform, "windows")]
		want := []string{name + "/", name + "/LICENSE", name + "/iade-local" + suffix, name + "/iade" + suffix}
		slices.Sort(want)
		if got := entries(t, string(archive)); !slices.Equal(got, want) {
			t.Errorf("%s holds %q", name, got)
		}
	}
}

func entries(t *testing.T, archive string) []string {
	t.Helper()
	packed, err := gzip.NewReader(strings.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for files := tar.NewReader(packed); ; {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			slices.Sort(names)
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, file.Name)
	}
}
