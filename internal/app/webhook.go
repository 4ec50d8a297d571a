package app

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/compose"
	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/psp"
)

// StartWebhook makes the handler of the function that iyzico's notices come to. It knows the table and iyzico's keys, which
// notices are signed with, and has no way to iyzico: the reconciler reads. A configuration that cannot work ends the process
// with one line.
func StartWebhook() Handler { return startApart(newWebhook) }

func newWebhook(ctx context.Context, getenv func(string) string, log *slog.Logger, level *slog.LevelVar, out io.Writer) (Handler, error) {
	keys := func(s config.Settings) string {
		if s.IyzicoSecretARN == "" && !s.IyzicoAPIKey.IsSet() {
			return "IYZICO_SECRET_ARN is needed (or, locally, IYZICO_API_KEY and IYZICO_SECRET_KEY)"
		}
		return ""
	}
	return handlerApart(ctx, getenv, level, keys, func(settings config.Settings, cloud aws.Config) compose.Ports {
		notices := psp.NewNotices(keySource(settings, newSecrets(cloud)), settings.IyzicoMerchantID, clock.Wall{}.Now)
		return compose.Ports{Notices: notices, Process: "webhook", MetricsTo: out, Log: log}
	})
}
