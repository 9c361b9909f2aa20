/** Which permission each route asks for (NEXT.exchange document, "Permissions"). */
import type { Permission } from '#libs/account';
import { BASE } from './signature.ts';

const NEEDS: Readonly<Record<string, Permission>> = {
  'GET /market': 'read:market',
  'GET /charts': 'read:market',
  'GET /orderbook': 'read:market',
  'GET /portfolio': 'read:portfolio',
  'GET /equity': 'read:portfolio',
  'GET /orders': 'read:portfolio',
  'GET /orders/:id': 'read:portfolio',
  'POST /orders': 'write:orders',
  'PATCH /orders/:id': 'write:orders',
  'DELETE /orders/:id': 'write:orders',
  'POST /pause': 'write:orders',
  'POST /resume': 'write:orders',
  'POST /close-all': 'write:orders',
  'GET /sentiment': 'read:sentiment',
  'GET /social': 'read:social',
};

export const REGISTER_ROUTE = `POST ${BASE}/register`;

/**
 * What a route needs, by its method and its path as it is declared; null for a path that is no route.
 * @throws Error for a route that was added without saying what it needs.
 */
export function permissionFor(method: string, route: string | undefined): Permission | null {
  if (route === undefined) return null;
  const name = `${method === 'HEAD' ? 'GET' : method} ${route.slice(BASE.length)}`;
  const needed = NEEDS[name];
  if (needed === undefined) throw new Error(`no permission is said for ${name}`);
  return needed;
}
