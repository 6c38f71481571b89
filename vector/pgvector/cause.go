package pgvector

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"github.com/quintet-ai/quintet"
)

// causes are what a caller can do about the classes of SQLSTATE.
var causes = map[string]error{
	"22": quintet.ErrInput,       // data that a type does not hold
	"23": quintet.ErrInput,       // a constraint that somebody added
	"54": quintet.ErrInput,       // past a limit, such as of a text
	"08": quintet.ErrBusy,        // connection lost
	"40": quintet.ErrBusy,        // deadlock
	"53": quintet.ErrBusy,        // out of connections, memory or disk
	"55": quintet.ErrBusy,        // locked
	"57": quintet.ErrBusy,        // shutting down
	"0A": quintet.ErrUnsupported, // not in this version
	"25": quintet.ErrUnsupported, // read only
	"28": quintet.ErrOption,      // who connects
	"3D": quintet.ErrOption,      // no such database
	"3F": quintet.ErrOption,      // no such schema
	"42": quintet.ErrOption,      // no such table, no right to use it
}

// cause makes one of the causes of this module part of an error. What the database
// said stays in it. A server that cannot be reached may be there later.
func cause(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, known := range []error{
		quintet.ErrInput, quintet.ErrOption, quintet.ErrUnsupported, quintet.ErrBusy, quintet.ErrClosed,
		context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, known) {
			return err
		}
	}
	if errors.Is(err, puddle.ErrClosedPool) {
		return fmt.Errorf("%w: %w", err, quintet.ErrClosed)
	}
	var e *pgconn.PgError
	if errors.As(err, &e) && len(e.Code) == 5 {
		if c, ok := causes[e.Code[:2]]; ok {
			return fmt.Errorf("%w: %w", err, c)
		}
	}
	return fmt.Errorf("%w: %w", err, quintet.ErrBusy)
}

// again reports whether a transaction that failed may succeed when it is tried again.
func again(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40P01" || e.Code == "40001")
}
