import { json, Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import type { AppControllerRoute, AppViewRoute, BullBoardQueues, IServerAdapter, UIConfig } from '@bull-board/api/typings/app';
import { FogbowError } from '@fogbow/plugin-contracts';

interface BoardServerOptions {
  /** As the browser sees it; ends with a slash. */
  readonly basePath: string;
  /** Renders the page around the configuration of its script, in JSON. */
  readonly page: (uiConfig: string) => string;
  /** `METHOD path` of the routes that are served; the board has more. */
  readonly serves: ReadonlySet<string>;
}

/**
 * The board's routes as a Router. The package's own adapter is an application inside ours, which would make every request slower (createHttpServer), and serves
 * every route that the board has.
 */
export function createBoardServer({ basePath, page, serves }: BoardServerOptions): { readonly adapter: IServerAdapter; readonly router: Router } {
  const router = Router();
  let [queues, uiConfig]: [BullBoardQueues, UIConfig] = [new Map(), {}];
  const answer = (route: AppControllerRoute): RequestHandler => async (request: Request, response: Response) => {
    const { query, params, body } = request;
    try {
      const answered = await route.handler({ queues, uiConfig, query: { ...query }, params, body: body as Record<string, unknown>, headers: {} });
      response.status(answered.status ?? 200).json(answered.body);
    } catch (error) {
      throw new FogbowError('unavailable', 'A queue (Redis) does not answer.', { cause: error });
    }
  };
  const adapter: IServerAdapter = {
    setQueues(given) { queues = given; return adapter; },
    setViewsPath: () => adapter,
    setStaticPath: () => adapter,
    setErrorHandler: () => adapter,
    setUIConfig(given) { uiConfig = given; return adapter; },
    setEntryRoute(view: AppViewRoute) {
      const render: RequestHandler = (_request, response) => void response.type('html').send(page(String(view.handler({ basePath, uiConfig }).params['uiConfig'])));
      router.get(view.route as string | string[], render);
      return adapter;
    },
    setApiRoutes(routes) {
      for (const route of routes) {
        for (const method of [route.method].flat()) {
          for (const path of [route.route].flat()) if (serves.has(`${method.toUpperCase()} ${path}`)) router[method](path, json({ limit: 1000 }), answer(route));
        }
      }
      return adapter;
    },
  };
  return { adapter, router };
}
