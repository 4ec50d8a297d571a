package deploy_test

import (
	"flag"
	"testing"

	"github.com/iade/iade/internal/test/repo"
)

func TestMain(m *testing.M) { repo.Main(m) }

var update = flag.Bool("update", false, "rewrite the generated parts of the documents")
