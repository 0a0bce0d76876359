// Questions to the server: one at a time for each task, a new one takes the place of the one before.

const running = new Map();

/** The answer to a task; null where a newer question has taken its place. */
export async function ask(task, body) {
  running.get(task)?.abort();
  const controller = new AbortController();
  running.set(task, controller);
  try {
    const response = await fetch(`/api/${task}`, {
      method: "POST",
      headers: {"content-type": "application/json"},
      body: JSON.stringify(body),
      signal: controller.signal,
    });
    return await response.json();
  } catch (error) {
    if (controller.signal.aborted) return null;
    return {error: {kind: "Offline", message: "the server does not answer", place: null, hint: "matcalc serve starts it"}};
  } finally {
    if (running.get(task) === controller) running.delete(task);
  }
}
