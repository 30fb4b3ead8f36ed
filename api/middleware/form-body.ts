import express, { type RequestHandler } from "express";
import { DomainError } from "../../core/domain/errors.ts";

const type = "application/x-www-form-urlencoded";
const parser = express.urlencoded({
  extended: false,
  limit: 8_192,
  parameterLimit: 20,
  inflate: false,
  type,
});

/** At addresses where a standard asks for a form: its fields are taken in place of a JSON body. */
export const formBody: RequestHandler = (request, response, next) => {
  if (!request.is(type)) return next();
  parser(request, response, (error: unknown) => {
    next(error ? new DomainError("invalid_payload", "The form cannot be read.") : undefined);
  });
};
