// Package app composes the Lambdas: settings, logger, secrets, clients. Each function's main calls Start and hands the
// result to lambda.Start.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/internal/store/dynamo"
)

// App is what the functions share. It is made once for each execution environment and is safe for concurrent use.
type App struct {
	API      *ingress.API
	Service  *payment.Service
	Settings config.Settings
	Log      *slog.Logger
	Metrics  *metrics.Recorder // written out after each invocation by Counted
	Cloud    aws.Config        // for clients of what only some functions need
}

// Start makes the App of a function that talks to iyzico; function is its name in the metrics. A configuration that cannot
// work ends the process with one line: Lambda then reports the function's init as failed, and nothing was taken on.
func Start(function string) *App {
	var level slog.LevelVar
	log := StartLog(&level)
	a, err := New(context.Background(), os.Getenv, log, function, os.Stdout)
	if err != nil {
		log.Error("the function cannot start", "error", err.Error())
		os.Exit(1)
	}
	level.Set(a.Settings.LogLevel)
	return a
}

// StartLog makes the process's logger, which writes JSON lines to standard output. What Lambda's library logs goes through
// it too: it logs the errors of invocations, and nothing else.
func StartLog(level slog.Leveler) *slog.Logger {
	log := newLogger(os.Stdout, level)
	slog.SetLogLoggerLevel(slog.LevelError)
	slog.SetDefault(log)
	return log
}

// clockTolerance is far more than the clocks of two Lambdas differ.
const clockTolerance = 10 * time.Second

// New makes an App from an environment. It connects to nothing: the table and the secret are first read when they are
// needed. The error names every setting at fault. out gets the metrics.
func New(ctx context.Context, getenv func(string) string, log *slog.Logger, function string, out io.Writer) (*App, error) {
	settings, err := config.Load(getenv, nil)
	if err != nil {
		return nil, err
	}
	if err := complete(settings); err != nil {
		return nil, err
	}
	cloud, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	client := dynamo.NewClient(cloud.Region, settings.DynamoDBEndpoint, cloud.Credentials)
	store := dynamo.New(client, settings.TableName)
	secrets, wall := newSecrets(cloud), clock.Wall{}
	recorder := metrics.New(settings.MetricsNamespace, function, out, wall.Now)
	gateway := &rotating{settings: settings, log: log, keys: keySource(settings, secrets), now: wall.Now}
	api := &ingress.API{
		Log: log, Schedule: psp.NewSchedule(store, wall.Now, settings.RateLimitPerMinute), ReturnOrigins: settings.ReturnURLOrigins, LoopbackCallbacks: config.Loopback(settings.IyzicoBaseURL),
	}
	if settings.JournalTableName != "" {
		api.Journal = journal.New(dynamo.NewJournal(client, settings.JournalTableName, settings.JournalKept), wall.Now)
	}
	if pages := newPages(settings, secrets); pages != nil && settings.PublicBaseURL != "" {
		gateway.pages, api.Pages = pages, recorder.Pages(pages)
	}
	quota := psp.WithQuota(gateway, store, wall.Now, settings.RateLimitPerMinute)
	service := payment.NewService(recorder.Store(store), recorder.Gateway(quota), wall, payment.Rules{
		SettleWindow: settings.SettleWindow, SendTimeout: settings.IyzicoTimeout, RestoredAt: settings.TableRestoredAt,
		BalanceExpiry:  settings.BalanceRefundExpiry,
		ClockTolerance: clockTolerance,
		NewMoneyOff:    settings.NewMoneyOff, NewMoneyReason: settings.NewMoneyReason,
	})
	service.OnAlarm(logAlarms(log))
	service.OnChange(recorder.Changed)
	if settings.NewMoneyOff {
		log.WarnContext(ctx, "new money is off: nothing that moves money is asked of iyzico", "reason", settings.NewMoneyReason)
	}
	api.Service = logAnswers(recorder.Service(service), log)
	return &App{API: api, Service: service, Settings: settings, Log: log, Metrics: recorder, Cloud: cloud}, nil
}

// logAlarms writes alarms with the ids that the metrics must not have.
func logAlarms(log *slog.Logger) func(context.Context, payment.Alarm) {
	return func(ctx context.Context, a payment.Alarm) {
		log.ErrorContext(ctx, "alarm", "alarm", string(a.Kind), "paymentId", a.PaymentID, "operationId", a.OperationID)
	}
}

// complete refuses settings that a Lambda cannot work without.
func complete(s config.Settings) error {
	var missing []string
	if s.TableName == "" {
		missing = append(missing, "TABLE_NAME is needed")
	}
	if s.IyzicoBaseURL == "" {
		missing = append(missing, "IYZICO_BASE_URL is needed")
	}
	if s.IyzicoSecretARN == "" && s.IyzicoAPIKey == "" {
		missing = append(missing, "IYZICO_SECRET_ARN is needed (or, locally, IYZICO_API_KEY and IYZICO_SECRET_KEY)")
	}
	if len(missing) > 0 {
		return errors.New("configuration: " + strings.Join(missing, "; "))
	}
	return nil
}

// keySource gives iyzico's keys from Secrets Manager, or from the environment on a developer's machine.
func keySource(s config.Settings, secrets secretReader) func(context.Context) (Keys, error) {
	if s.IyzicoSecretARN == "" {
		keys := Keys{Pair: Pair{s.IyzicoAPIKey.Reveal(), s.IyzicoSecretKey.Reveal()}}
		return func(context.Context) (Keys, error) { return keys, nil }
	}
	return func(ctx context.Context) (Keys, error) { return secretKeys(ctx, secrets, s.IyzicoSecretARN) }
}
