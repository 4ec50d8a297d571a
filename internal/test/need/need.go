// Package need says what a test needs that this machine may not have. A test that lacks it is left out with the reason, and
// `make test` counts the reasons; with IADE_REQUIRE=all, as in CI, it fails instead. Only tests import this package.
package need

import (
	"os"
	"os/exec"
	"testing"
)

// All tells whether nothing may be left out (IADE_REQUIRE=all).
func All() bool { return os.Getenv("IADE_REQUIRE") == "all" }

// Heavy leaves a test out that takes minutes, unless IADE_HEAVY or IADE_REQUIRE=all asks for it.
func Heavy(t testing.TB) {
	t.Helper()
	if testing.Short() || !Minutes() {
		t.Skip("it takes minutes: IADE_HEAVY=1 make test")
	}
}

// Minutes tells whether tests may take minutes (IADE_HEAVY or IADE_REQUIRE=all).
func Minutes() bool { return os.Getenv("IADE_HEAVY") != "" || All() }

// Programs leaves a test out under -short, because it builds and starts programs.
func Programs(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("it builds and starts programs: run it without -short")
	}
}

// Missing leaves a test out that cannot run here: what is not there, and the command that brings it.
func Missing(t testing.TB, what, command string) {
	t.Helper()
	reason := "it needs " + what + ": " + command
	if All() {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// Program leaves a test out where a program is not on the PATH. command says how it comes there.
func Program(t testing.TB, name, command string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		Missing(t, name, command)
	}
}
