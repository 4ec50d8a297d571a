package deploy_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/iade/iade/internal/test/repo"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(standInVariable); file != "" {
		if err := standInAWS(file, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(254)
		}
		os.Exit(0)
	}
	repo.Main(m)
}

var update = flag.Bool("update", false, "rewrite the generated parts of the documents")
