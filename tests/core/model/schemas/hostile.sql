-- Quotes, dots, blanks, line breaks, emoji, a letter that turns the line round, and words of the map itself as names.
CREATE TABLE "Cust ""omers.x" ("i d" INTEGER PRIMARY KEY, "e.mail" VARCHAR(120), "na me" VARCHAR(60), "pho.ne" VARCHAR(30));
CREATE TABLE "no ne -> 🙂" ("customer.id" INTEGER, "note
# [access]" TEXT, "none" TEXT, "🙂" TEXT, "o'n""e" TEXT, "a]b" TEXT, "\" TEXT, "‮message" TEXT,
  FOREIGN KEY ("customer.id") REFERENCES "Cust ""omers.x" ("i d"));
CREATE TABLE "none" ("none" INTEGER REFERENCES "Cust ""omers.x" ("i d"), body TEXT);
