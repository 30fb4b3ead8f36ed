import express from "express";
import pg from "pg";

/**
 * What a route costs that only asks the database: no sign-in, no schemas, no encryption, no repeats recognised, nobody told.
 * Started with the database's URL and a port.
 */
const [url = "", port = "0"] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 10 });
const app = express();
app.use(express.json());

app.get("/messages", async (request, response) => {
  const { rows } = await pool.query(
    "select seq, author, at, body from bare_message where room = $1 order by seq desc limit $2",
    ["bench", Number(request.query.limit)],
  );
  response.json({ items: rows });
});

app.post("/messages", async (request, response) => {
  const { rows } = await pool.query(
    `with next as (update bare_room set seq = seq + 1 where room = $1 returning seq)
     insert into bare_message (room, seq, author, at, body)
     select $1, seq, 'bench', $2, $3 from next returning seq, at`,
    ["bench", Date.now(), request.body.body],
  );
  response.json(rows[0]);
});

app.listen(Number(port), "127.0.0.1", () => console.info(`http://127.0.0.1:${port}`));
