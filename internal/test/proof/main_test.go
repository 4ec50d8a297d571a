package proof_test

import (
	"testing"

	"github.com/iade/iade/internal/test/repo"
)

func TestMain(m *testing.M) { repo.Main(m) }
